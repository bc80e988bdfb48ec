/** Checks of what only containers on Windows have, with Kubernetes' texts. Called by the validation of pods and containers. */
import type { FieldError } from '../../../validation/field-error.js';
import { child, index, invalid, invalidBecause } from '../../../validation/field-error.js';
import { byteLength, dns1123SubdomainErrors } from '../../../validation/names.js';
import type { PodSpec, WindowsSecurityContextOptions } from '../types.js';

const maxCredentialSpecBytes = 64 * 1024;
const maxDomainBytes = 255;
const maxUserBytes = 104;

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const controlCharacter = /[\u0000-\u001f\u007f]/;
const netBiosDomain = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const dnsDomain = new RegExp(`^${label}(?:\\.${label})*$`);
const onlyDotsAndSpaces = /^[. ]+$/;
const forbiddenInUsers = /["/\\:;|=,+*?<>@[\]]/;

/** What is wrong with the parts of a name such as `DOMAIN\\user`; a name without a domain has none. */
function userErrors(domain: string | undefined, user: string): string[] {
  const errors: string[] = [];
  if (domain !== undefined) {
    if (byteLength(domain) > maxDomainBytes) {
      errors.push("runAsUserName's Domain length must be under 256 characters");
    }
    if (!netBiosDomain.test(domain) && !dnsDomain.test(domain)) {
      errors.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
  }
  if (user === '') errors.push("runAsUserName's User cannot be empty");
  else if (byteLength(user) > maxUserBytes) {
    errors.push(
      `runAsUserName's User length must not be longer than ${String(maxUserBytes)} characters`,
    );
  }
  if (onlyDotsAndSpaces.test(user)) {
    errors.push("runAsUserName's User cannot contain only periods or spaces");
  }
  if (forbiddenInUsers.test(user)) {
    errors.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  }
  return errors;
}

function userNameErrors(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (controlCharacter.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  return parts.length === 2
    ? userErrors(parts[0], parts[1] ?? '')
    : userErrors(undefined, parts[0] ?? '');
}

function credentialSpecErrors(spec: string): string[] {
  if (spec === '') return ['gmsaCredentialSpec cannot be an empty string'];
  return byteLength(spec) > maxCredentialSpecBytes
    ? ['gmsaCredentialSpec size must be under 64 KiB']
    : [];
}

/** Checks the settings of a pod or a container for Windows. */
export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  field: string,
): FieldError[] {
  if (options === undefined) return [];
  const rules = {
    gmsaCredentialSpecName: dns1123SubdomainErrors,
    gmsaCredentialSpec: credentialSpecErrors,
    runAsUserName: userNameErrors,
  };
  return (Object.keys(rules) as (keyof typeof rules)[]).flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : invalidBecause(child(field, name), value, rules[name](value));
  });
}

/** Processes of the host: all containers of a pod are such, or none, and they are on the host's network. */
export function validateHostProcesses(spec: PodSpec, field: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const errors: FieldError[] = [];
  let [containers, processes] = [0, 0];
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    (spec[list] ?? []).forEach(({ securityContext }, position) => {
      const own = securityContext?.windowsOptions?.hostProcess;
      containers += 1;
      if (own ?? ofPod ?? false) processes += 1;
      if (ofPod === undefined || own === undefined || own === ofPod) return;
      const path = child(index(child(field, list), position), 'securityContext', 'windowsOptions');
      const detail = `pod hostProcess value must be identical if both are specified, was ${String(ofPod)}`;
      errors.push(invalid(child(path, 'hostProcess'), own, detail));
    });
  }
  if (processes === 0) return errors;
  if (processes !== containers) {
    const detail =
      'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(invalid(field, '', detail));
  }
  if (spec.hostNetwork !== true) {
    const detail = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.push(invalid(child(field, 'hostNetwork'), false, detail));
  }
  return errors;
}
