/** The application the lab deploys: a web server in three replicas that uses configuration in every form, and its Service. */

export interface WebOptions {
  readonly namespace: string;
  readonly nodePort: number;
}

/** YAML for a ConfigMap, a Secret, a Deployment of `web:v1` and a NodePort Service in front of it. */
export const webManifest = ({ namespace, nodePort }: WebOptions): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: ${namespace} }
data:
  greeting: hello
  app.properties: |
    color=green
---
apiVersion: v1
kind: Secret
metadata: { name: credentials, namespace: ${namespace} }
data: { password: czNjcmV0 }
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: ${namespace}
  labels: { app: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 5
      initContainers:
        - name: prepare
          image: busybox
          imagePullPolicy: IfNotPresent
          command: [sh, -c, 'echo prepared > /scratch/ready']
          volumeMounts: [{ name: scratch, mountPath: /scratch }]
      containers:
        - name: web
          image: web:v1
          ports: [{ name: http, containerPort: 8080 }]
          env:
            - { name: GREETING, valueFrom: { configMapKeyRef: { name: settings, key: greeting } } }
            - { name: PASSWORD, valueFrom: { secretKeyRef: { name: credentials, key: password } } }
            - { name: POD_IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
            - { name: LINE, value: '$(GREETING) from $(POD_IP)' }
          envFrom: [{ prefix: CFG_, configMapRef: { name: settings } }]
          resources: { requests: { cpu: 10m, memory: 16Mi }, limits: { memory: 64Mi } }
          readinessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 1
          livenessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 1
            failureThreshold: 10
          lifecycle: { preStop: { exec: { command: [sleep, '2'] } } }
          volumeMounts:
            - { name: scratch, mountPath: /scratch }
            - { name: settings, mountPath: /etc/settings }
            - { name: credentials, mountPath: /etc/credentials, readOnly: true }
            - { name: podinfo, mountPath: /etc/podinfo }
      volumes:
        - { name: scratch, emptyDir: {} }
        - { name: settings, configMap: { name: settings } }
        - { name: credentials, secret: { secretName: credentials } }
        - name: podinfo
          downwardAPI: { items: [{ path: labels, fieldRef: { apiVersion: v1, fieldPath: metadata.labels } }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: ${namespace} }
spec:
  type: NodePort
  selector: { app: web }
  ports: [{ name: http, port: 80, targetPort: http, nodePort: ${nodePort} }]
`;

/** A pod with a shell, to look at the cluster from inside. */
export const shellManifest = (namespace: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: shell, namespace: ${namespace} }
spec:
  terminationGracePeriodSeconds: 0
  containers: [{ name: shell, image: busybox, imagePullPolicy: IfNotPresent, command: [sleep, '100000'] }]
`;
