/** Image references as Docker reads them. Pure. */

export interface ImageReference {
  readonly registry: string;
  /** Path within the registry. */
  readonly repository: string;
}

/** The registry of references that name none. */
export const dockerHub = 'docker.io';

/** `nginx` is `docker.io/library/nginx`; a first part with a dot, a colon or `localhost` names a registry. */
export function parseImageReference(image: string): ImageReference {
  const [withoutDigest = ''] = image.split('@');
  const parts = withoutDigest.split('/');
  const [first = ''] = parts;
  const hasRegistry = parts.length > 1 && (/[.:]/.test(first) || first === 'localhost');
  const registry = hasRegistry ? first : dockerHub;
  const rest = hasRegistry ? parts.slice(1) : parts;
  const path = rest.join('/').replace(/:[^/:]*$/, '');
  const repository = registry === dockerHub && !path.includes('/') ? `library/${path}` : path;
  return { registry, repository };
}

/** The reference with `:latest` where it names neither tag nor digest, so that a pull brings one image only. */
export function withTag(image: string): string {
  if (image.includes('@')) return image;
  const last = image.slice(image.lastIndexOf('/') + 1);
  return last.includes(':') ? image : `${image}:latest`;
}
