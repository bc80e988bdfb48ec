/**
 * The little that the API itself needs to know about image references: which tag decides the default pull policy.
 *
 * Called by defaulting. Pure; registries and pulling are the agent's.
 */

const reference =
  /^(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::[0-9]+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::([\w][\w.-]{0,127}))?(?:@[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;

/** The tag an image stands for: `latest` where it has neither tag nor digest, empty where it cannot be read. */
function imageTag(image: string): string {
  const match = reference.exec(image);
  if (match === null) return '';
  return match[1] ?? (image.includes('@') ? '' : 'latest');
}

/** `Always` for images that move (`latest`), `IfNotPresent` for the others. */
export const defaultPullPolicy = (image: string): 'Always' | 'IfNotPresent' =>
  imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent';
