/** A request as the fuzzer keeps, changes and prints it. */
export interface FuzzRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  readonly body: Buffer | undefined;
}

export interface FuzzAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly durationMs: number;
}

const shownBytes = 1_500;

/** What a person needs to send it again. */
export function showRequest({ method, path, headers, contentType, body }: FuzzRequest): string {
  const lines = [`${method} ${path.length > shownBytes ? `${path.slice(0, shownBytes)}…` : path}`];
  for (const [name, value] of Object.entries(headers))
    lines.push(`${name}: ${value.slice(0, 200)}`);
  if (contentType !== undefined) lines.push(`content-type: ${contentType}`);
  if (body !== undefined) {
    const text = body.subarray(0, shownBytes).toString('utf8');
    lines.push('', body.length > shownBytes ? `${text}… (${body.length} bytes)` : text);
  }
  return lines.join('\n');
}
