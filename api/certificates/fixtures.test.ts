/** Certificate requests made with openssl, for the tests of this folder and of the controllers that read them. */
import type { CertificateSigningRequest } from './v1/types.js';

/** O=a, O=b, CN=x, CN=last, and an alternative name of every kind; an EC key. */
export const manyNamesPem = `-----BEGIN CERTIFICATE REQUEST-----
MIIBPzCB5gIBADAzMQowCAYDVQQKDAFhMQowCAYDVQQKDAFiMQowCAYDVQQDDAF4
MQ0wCwYDVQQDDARsYXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEy7j/Vyvy
+yXv0UaM2hm1kxIYCXQ7bhazzvZW6Sjo3eCXAdzohH75uMNQR1WUHzez0eZnaTi8
IaxdWjuFgwC2qKBRME8GCSqGSIb3DQEJDjFCMEAwPgYDVR0RBDcwNYIJYS5leGFt
cGxlhwQKAAABhxAgAQ24AAAAAAAAAAAAAAABgQVhQGIuY4YJaHR0cHM6Ly91MAoG
CCqGSM49BAMCA0gAMEUCIQCKYnmHVUssK48+1YuMbpGGfM7ORp0+0Oilv0gndkeL
2QIgaVJzlfq+r8GiU+RsrjS5W3fupdfIUReEtTbN72ejueI=
-----END CERTIFICATE REQUEST-----
`;

/** O=developers, CN=jane; an EC key. */
export const janePem = `-----BEGIN CERTIFICATE REQUEST-----
MIHeMIGGAgEAMCQxEzARBgNVBAoMCmRldmVsb3BlcnMxDTALBgNVBAMMBGphbmUw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATLuP9XK/L7Je/RRozaGbWTEhgJdDtu
FrPO9lbpKOjd4JcB3OiEfvm4w1BHVZQfN7PR5mdpOLwhrF1aO4WDALaooAAwCgYI
KoZIzj0EAwIDRwAwRAIgMFxGW9BBJTHuUc4L3nmdZRAzfccdxJXDHLV9ZyD+yygC
ICrjSLOHVMT2WQUhlHvCcPdmPx1WNh7nJLddNQglMmNa
-----END CERTIFICATE REQUEST-----
`;

/** CN=joe with a DNS name and an e-mail address; an RSA key. */
export const rsaPem = `-----BEGIN CERTIFICATE REQUEST-----
MIICgTCCAWkCAQAwDjEMMAoGA1UEAwwDam9lMIIBIjANBgkqhkiG9w0BAQEFAAOC
AQ8AMIIBCgKCAQEAza8DyjH9eYxZ7o5GbQsUOJgyXBq7O/Mp2uIIgxqSQ1WR12Ts
qcX+dDkXxd7c0f5EAvwGmgcatqG2bPdSt2qkovB0kA+z6rzmJvmETxpMEAthecfb
oNIurlqdo/aaXROz75vMo+g/3QoSIiM1LRmIhayDkvcS0pTnhbttBlZalVvShABu
WHV7PViMQjTsB/CnI+2iMOJtFTy7/3RsTqkGMldIQhRaU3NYOfj26HBl2sEHg324
ZCt94Y1vMLAeQT4vV+eNypknLSio/EEgMEVzRqKDi0xzeGq0V3oLzTegBmXIAnX8
P63CFEEAZRh2qwy4+i1jwGO/p4XqURUf9YNqBQIDAQABoC4wLAYJKoZIhvcNAQkO
MR8wHTAbBgNVHREEFDASgglhLmV4YW1wbGWBBWFAYi5jMA0GCSqGSIb3DQEBCwUA
A4IBAQAObTagEhIaotipDfcT4sdeMP+4pj7itsuuSAR5RH/fLMl6E3GYg8/beI5o
2HTrbuh2ZXoualbZizJLKGx7sYqzQxgM+Av1k7y/Iavg8tD2Jr2BKVQtFwdat5PA
d1za7vXt69RIZ7i4f7UBLLeX9s5DaHhk7fOkbOHa3ZDmjX1GnCfDx1BZSEQ4xcuq
N6zU5Dcyx6z33ceT93R/7eP4ZL5142Gcao37nrcT2+R7yMVuwbXsjZ8LN2IiM9Wg
8d9DwrFa7FEdoI0NPT6LKd8M9F2kzsqKTKrc5N8BfK0PWI868D4GMg7DCKFc1f8D
bphgXzyPg5G92S0T4Jr/lEZgzhKA
-----END CERTIFICATE REQUEST-----
`;

/** CN=ed; an Ed25519 key. */
export const edPem = `-----BEGIN CERTIFICATE REQUEST-----
MIGMMEACAQAwDTELMAkGA1UEAwwCZWQwKjAFBgMrZXADIQDwzKBECeZeA58Lrb9V
EZTO1NBcgBkYHkYbG+ziExmaJaAAMAUGAytlcANBAAAV9MhvAT7YZFNh0djrUqPh
uf70sOeexZVzFndz0/0LW8bHCRWGynxbhUSs4lEhjPMu0s6pGNMRVe0cn/MKMwY=
-----END CERTIFICATE REQUEST-----
`;

/** O=system:nodes, CN=system:node:n1. */
export const nodeClientPem = `-----BEGIN CERTIFICATE REQUEST-----
MIHrMIGSAgEAMDAxFTATBgNVBAoMDHN5c3RlbTpub2RlczEXMBUGA1UEAwwOc3lz
dGVtOm5vZGU6bjEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS526NFLqPAm6S9
ZdsqjhV05MQkNLVuNfRJnadhJsLOUchpMdZydqnqwnKCUQNY/AZsiURCifZnMSwO
XhH2wz/1oAAwCgYIKoZIzj0EAwIDSAAwRQIhAPcpM04yzyayK+YezOi7+cnxusiB
zXnku3v5mpX5lKuYAiA9tEqiw5Fjry2fI+oYz/8+OUm2pOwQE6qKZwluScYD3g==
-----END CERTIFICATE REQUEST-----
`;

/** As above, with DNS n1 and IP 10.0.0.1. */
export const nodeServingPem = `-----BEGIN CERTIFICATE REQUEST-----
MIIBETCBuAIBADAwMRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxFzAVBgNVBAMMDnN5
c3RlbTpub2RlOm4xMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEudujRS6jwJuk
vWXbKo4VdOTEJDS1bjX0SZ2nYSbCzlHIaTHWcnap6sJyglEDWPwGbIlEQon2ZzEs
Dl4R9sM/9aAmMCQGCSqGSIb3DQEJDjEXMBUwEwYDVR0RBAwwCoICbjGHBAoAAAEw
CgYIKoZIzj0EAwIDSAAwRQIgVdvzmU0qvWvt7No/KMo7mbH3MBd2jpHDvB679ek+
JesCIQCEfYS5Nk8C1pxyO5roSRKiIXIR1eA3E9dK7ODE+b3iQA==
-----END CERTIFICATE REQUEST-----
`;

/** A request object as it is stored. */
export const storedRequest = (
  pem: string,
  spec: Partial<CertificateSigningRequest['spec']> = {},
  status: CertificateSigningRequest['status'] = {},
): CertificateSigningRequest => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: {
    name: 'r',
    uid: 'uid-r',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: {
    request: Buffer.from(pem).toString('base64'),
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth'],
    username: 'jane',
    ...spec,
  },
  status,
});

/** A condition as `kubectl certificate` writes it. */
export const condition = (
  type: 'Approved' | 'Denied' | 'Failed',
): NonNullable<CertificateSigningRequest['status']['conditions']>[number] => ({
  type,
  status: 'True',
  reason: 'Test',
  lastUpdateTime: '2026-01-01T00:00:00Z',
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
