/** What the server says it is: the Kubernetes version whose API it serves, and its own. */
export const gitVersion = 'v1.36.0+pintle.0.1.0';
