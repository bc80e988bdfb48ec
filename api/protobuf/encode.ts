/**
 * The protobuf form of objects, encoded from their JSON form by the declarations. A declaration is compiled once into
 * functions that write its fields. What JSON leaves out is left out here too; Go's decoder reads absence as its zero value.
 *
 * Called by the server for clients that accept `application/vnd.kubernetes.protobuf`. Fields without a number are skipped.
 */
import type { Definition, Scalar, Schema } from '../schema/schema.js';
import { BackwardWriter } from './backward-writer.js';

type Json = Readonly<Record<string, unknown>>;

/** Writes the value alone, with its length where its wire type has one. */
type ValueWriter = (writer: BackwardWriter, value: unknown) => void;

/** Writes one field of an object, or nothing where the object does not have it. */
type FieldWriter = (writer: BackwardWriter, object: Json) => void;

const lengthDelimited = 2;

const wireTypes: Partial<Readonly<Record<Scalar, number>>> = {
  boolean: 0,
  int32: 0,
  int64: 0,
  double: 1,
};

const wireTypeOf = (schema: Schema): number =>
  schema.type === 'scalar' ? (wireTypes[schema.scalar] ?? lengthDelimited) : lengthDelimited;

/** Writes what `body` writes as a message: its length before it. */
function message(writer: BackwardWriter, body: () => void): void {
  const before = writer.written;
  body();
  writer.varint(writer.written - before);
}

const tag = (number: number, wireType: number): number => number * 8 + wireType;

/** `{seconds=1, nanos=2}`. */
const writeTime: ValueWriter = (writer, value) => {
  const text = String(value);
  const seconds = Math.floor(Date.parse(text) / 1000);
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  message(writer, () => {
    if (Number.isNaN(seconds)) return;
    writer.varint(Number(fraction.padEnd(9, '0')));
    writer.varint(tag(2, 0));
    writer.varint(seconds);
    writer.varint(tag(1, 0));
  });
};

/** `{type=1, intVal=2, strVal=3}`. */
const writeIntOrString: ValueWriter = (writer, value) => {
  const isString = typeof value === 'string';
  message(writer, () => {
    writer.string(isString ? value : '');
    writer.varint(tag(3, lengthDelimited));
    writer.varint(isString ? 0 : Number(value));
    writer.varint(tag(2, 0));
    writer.varint(isString ? 1 : 0);
    writer.varint(tag(1, 0));
  });
};

/** A message whose field 1 is all there is to it. */
const onlyField =
  (write: ValueWriter): ValueWriter =>
  (writer, value) => {
    message(writer, () => {
      write(writer, value);
      writer.varint(tag(1, lengthDelimited));
    });
  };

const writeString: ValueWriter = (writer, value) => {
  writer.string(String(value));
};

const writeInteger: ValueWriter = (writer, value) => {
  writer.varint(Number(value));
};

const writeJson = onlyField((writer, value) => {
  writer.string(JSON.stringify(value));
});

const scalarWriters: Readonly<Record<Scalar, ValueWriter>> = {
  string: writeString,
  boolean: (writer, value) => {
    writer.byte(value === true ? 1 : 0);
  },
  int32: writeInteger,
  int64: writeInteger,
  double: (writer, value) => {
    writer.double(Number(value));
  },
  bytes: (writer, value) => {
    writer.bytes(Buffer.from(String(value), 'base64'));
  },
  time: writeTime,
  microTime: writeTime,
  quantity: onlyField(writeString),
  intOrString: writeIntOrString,
  any: writeJson,
  object: writeJson,
  rawExtension: writeJson,
  fieldsV1: writeJson,
};

function writeItems(
  writer: BackwardWriter,
  items: unknown,
  write: ValueWriter,
  head: number,
): void {
  if (!Array.isArray(items)) return;
  for (let index = items.length - 1; index >= 0; index -= 1) {
    write(writer, items[index]);
    writer.varint(head);
  }
}

function valueWriterOf(schema: Schema): ValueWriter {
  switch (schema.type) {
    case 'scalar':
      return scalarWriters[schema.scalar];
    case 'ref': {
      let fields: readonly FieldWriter[] | undefined;
      return (writer, value) => {
        fields ??= fieldsOf(schema.target());
        writeMessage(writer, fields, value as Json);
      };
    }
    case 'list': {
      // A list as an element is a message of its own, with the items as field 1.
      const write = valueWriterOf(schema.items);
      const head = tag(1, wireTypeOf(schema.items));
      return (writer, value) => {
        message(writer, () => {
          writeItems(writer, value, write, head);
        });
      };
    }
    case 'map':
      throw new Error('a map cannot be an element');
  }
}

function writeMessage(writer: BackwardWriter, fields: readonly FieldWriter[], object: Json): void {
  const before = writer.written;
  for (const write of fields) write(writer, object);
  writer.varint(writer.written - before);
}

function mapWriterOf(name: string, number: number, values: Schema): FieldWriter {
  const write = valueWriterOf(values);
  const valueHead = tag(2, wireTypeOf(values));
  const head = tag(number, lengthDelimited);
  return (writer, object) => {
    const map = object[name];
    if (typeof map !== 'object' || map === null) return;
    // Go writes entries in the order of their keys' bytes.
    const keys = Object.keys(map).sort();
    for (let index = keys.length - 1; index >= 0; index -= 1) {
      const key = keys[index] ?? '';
      const before = writer.written;
      write(writer, (map as Json)[key]);
      writer.varint(valueHead);
      writer.string(key);
      writer.varint(tag(1, lengthDelimited));
      writer.varint(writer.written - before);
      writer.varint(head);
    }
  };
}

function fieldWriterOf(name: string, number: number, schema: Schema): FieldWriter {
  if (schema.type === 'map') return mapWriterOf(name, number, schema.values);
  if (schema.type === 'list') {
    const write = valueWriterOf(schema.items);
    const head = tag(number, wireTypeOf(schema.items));
    return (writer, object) => {
      writeItems(writer, object[name], write, head);
    };
  }
  const write = valueWriterOf(schema);
  const head = tag(number, wireTypeOf(schema));
  return (writer, object) => {
    const value = object[name];
    if (value === undefined || value === null) return;
    write(writer, value);
    writer.varint(head);
  };
}

/** A message whose fields JSON inlines into the object around it. */
function inlinedWriterOf(number: number, fields: readonly FieldWriter[]): FieldWriter {
  const head = tag(number, lengthDelimited);
  return (writer, object) => {
    const before = writer.written;
    for (const write of fields) write(writer, object);
    if (writer.written === before) return;
    writer.varint(writer.written - before);
    writer.varint(head);
  };
}

interface Node {
  readonly inlined: Map<number, Node>;
  readonly fields: Map<number, FieldWriter>;
}

const emptyNode = (): Node => ({ inlined: new Map(), fields: new Map() });

/** The writers of a message in descending order of numbers, since it is written from its end. */
function inOrder(node: Node): readonly FieldWriter[] {
  const numbered: [number, FieldWriter][] = [
    ...node.fields,
    ...[...node.inlined].map(([number, inner]): [number, FieldWriter] => [
      number,
      inlinedWriterOf(number, inOrder(inner)),
    ]),
  ];
  return numbered.sort(([a], [b]) => b - a).map(([, write]) => write);
}

const compiled = new WeakMap<Definition, readonly FieldWriter[]>();

function fieldsOf(definition: Definition): readonly FieldWriter[] {
  const known = compiled.get(definition);
  if (known !== undefined) return known;
  const root = emptyNode();
  for (const [name, { proto, schema }] of Object.entries(definition.fields)) {
    if (proto === undefined) continue;
    const path = typeof proto === 'number' ? [proto] : proto;
    const number = path.at(-1) ?? 0;
    let node = root;
    for (const step of path.slice(0, -1)) {
      const inner = node.inlined.get(step) ?? emptyNode();
      node.inlined.set(step, inner);
      node = inner;
    }
    node.fields.set(number, fieldWriterOf(name, number, schema));
  }
  const fields = inOrder(root);
  compiled.set(definition, fields);
  return fields;
}

const shared = new BackwardWriter();

function encode(body: (writer: BackwardWriter) => void): Buffer {
  try {
    body(shared);
    return shared.take();
  } finally {
    shared.clear();
  }
}

/** The message of an object, without the envelope that says its type. */
export const encodeMessage = (object: object, definition: Definition): Buffer =>
  encode((writer) => {
    for (const write of fieldsOf(definition)) write(writer, object as Json);
  });

/** What stands in the envelope (`runtime.Unknown`) before and after the object's message of the given length. */
export interface EnvelopeParts {
  readonly head: Buffer;
  readonly tail: Buffer;
}

const magic = Buffer.from('k8s\0');
/** Go writes the empty content encoding (3) and content type (4). */
const envelopeTail = Buffer.from([tag(3, lengthDelimited), 0, tag(4, lengthDelimited), 0]);

/** The envelope around a message that is written piece by piece. */
export function envelopeAround(
  type: { readonly apiVersion: string; readonly kind: string },
  sizeBytes: number,
): EnvelopeParts {
  const head = encode((writer) => {
    writer.varint(sizeBytes);
    writer.varint(tag(2, lengthDelimited));
    message(writer, () => {
      writer.string(type.kind);
      writer.varint(tag(2, lengthDelimited));
      writer.string(type.apiVersion);
      writer.varint(tag(1, lengthDelimited));
    });
    writer.varint(tag(1, lengthDelimited));
  });
  return { head: Buffer.concat([magic, head]), tail: envelopeTail };
}

/** A message in its envelope, as a whole answer or as the object of a watch event. */
export function sealEnvelope(
  type: { readonly apiVersion: string; readonly kind: string },
  raw: Buffer,
): Buffer {
  const { head, tail } = envelopeAround(type, raw.length);
  return Buffer.concat([head, raw, tail]);
}

/** The head of a length-delimited field: its number and the length of what follows. */
export const fieldHead = (number: number, sizeBytes: number): Buffer =>
  encode((writer) => {
    writer.varint(sizeBytes);
    writer.varint(tag(number, lengthDelimited));
  });

/** A frame of a watch: four bytes of length, then `WatchEvent {type=1, object=2 {raw=1}}` without an envelope. */
export function encodeWatchFrame(type: string, object: Buffer): Buffer {
  const event = encode((writer) => {
    message(writer, () => {
      writer.bytes(object);
      writer.varint(tag(1, lengthDelimited));
    });
    writer.varint(tag(2, lengthDelimited));
    writer.string(type);
    writer.varint(tag(1, lengthDelimited));
  });
  const frame = Buffer.allocUnsafe(4 + event.length);
  frame.writeUInt32BE(event.length);
  event.copy(frame, 4);
  return frame;
}
