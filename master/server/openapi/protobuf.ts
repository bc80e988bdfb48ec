/**
 * The OpenAPI 2 document as gnostic's protobuf message `openapi.v2.Document`, which every kubectl asks for. Field numbers are
 * those of gnostic's OpenAPIv2.proto. The message is written directly: one kind of value at a time, no reflection.
 */
import { stringify } from 'yaml';
import protobuf from 'protobufjs';
import type { JsonSchema } from './schemas.js';

const { Writer } = protobuf;
type Writer = protobuf.Writer;
type Json = Readonly<Record<string, unknown>>;
type Message = (writer: Writer, value: Json) => void;

const lengthDelimited = 2;
const varint = 0;

const asObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {};

function text(writer: Writer, number: number, value: unknown): void {
  if (typeof value === 'string' && value !== '') {
    writer.uint32((number << 3) | lengthDelimited).string(value);
  }
}

function texts(writer: Writer, number: number, value: unknown): void {
  if (!Array.isArray(value)) return;
  // Empty elements count in a repeated field.
  for (const element of value)
    writer.uint32((number << 3) | lengthDelimited).string(String(element));
}

function bool(writer: Writer, number: number, value: unknown): void {
  if (value === true) writer.uint32((number << 3) | varint).bool(true);
}

function message(writer: Writer, number: number, value: unknown, write: Message): void {
  if (value === undefined) return;
  writer.uint32((number << 3) | lengthDelimited).fork();
  write(writer, asObject(value));
  writer.ldelim();
}

/** A map as gnostic has it: a repeated message of name (1) and value (2). */
function named(
  writer: Writer,
  number: number,
  entries: readonly (readonly [string, unknown])[],
  write: Message,
): void {
  for (const [name, value] of entries) {
    message(writer, number, {}, (inner) => {
      text(inner, 1, name);
      message(inner, 2, value, write);
    });
  }
}

/** `Any` carries a value as YAML (2). */
const anyValue = (writer: Writer, number: number, value: unknown): void => {
  if (value === undefined) return;
  message(writer, number, {}, (inner) => {
    text(inner, 2, stringify(value));
  });
};

function extensions(writer: Writer, number: number, owner: Json): void {
  for (const [name, value] of Object.entries(owner)) {
    if (!name.startsWith('x-')) continue;
    message(writer, number, {}, (inner) => {
      text(inner, 1, name);
      anyValue(inner, 2, value);
    });
  }
}

const schema: Message = (writer, value) => {
  text(writer, 1, value.$ref);
  text(writer, 2, value.format);
  text(writer, 4, value.description);
  anyValue(writer, 5, value.default);
  texts(writer, 19, value.required);
  if (Array.isArray(value.enum)) for (const element of value.enum) anyValue(writer, 20, element);
  if (value.additionalProperties !== undefined) {
    message(writer, 21, {}, (inner) => {
      message(inner, 1, value.additionalProperties, schema);
    });
  }
  if (value.type !== undefined) {
    message(writer, 22, {}, (inner) => {
      texts(inner, 1, [value.type]);
    });
  }
  if (value.items !== undefined) {
    message(writer, 23, {}, (inner) => {
      message(inner, 1, value.items, schema);
    });
  }
  if (value.properties !== undefined) {
    message(writer, 25, {}, (inner) => {
      named(inner, 1, Object.entries(asObject(value.properties)), schema);
    });
  }
  extensions(writer, 31, value);
};

const bodyParameter: Message = (writer, value) => {
  text(writer, 1, value.description);
  text(writer, 2, value.name);
  text(writer, 3, value.in);
  bool(writer, 4, value.required);
  message(writer, 5, value.schema, schema);
};

/** Path parameters (4) number their type 5, query parameters (3) number it 6: those may be empty. */
const otherParameter: Message = (writer, value) => {
  const isPath = value.in === 'path';
  message(writer, isPath ? 4 : 3, value, (inner) => {
    bool(inner, 1, value.required);
    text(inner, 2, value.in);
    text(inner, 3, value.description);
    text(inner, 4, value.name);
    text(inner, isPath ? 5 : 6, value.type);
    bool(inner, isPath ? 19 : 20, value.uniqueItems);
  });
};

const parametersItem: Message = (writer, value) => {
  message(writer, 1, {}, (inner) => {
    if (value.in === 'body') message(inner, 1, value, bodyParameter);
    else message(inner, 2, value, otherParameter);
  });
};

const parameters = (writer: Writer, number: number, value: unknown): void => {
  if (!Array.isArray(value)) return;
  for (const element of value) message(writer, number, element, parametersItem);
};

const response: Message = (writer, value) => {
  message(writer, 1, {}, (inner) => {
    text(inner, 1, value.description);
    if (value.schema !== undefined) {
      message(inner, 2, {}, (item) => {
        message(item, 1, value.schema, schema);
      });
    }
  });
};

const operation: Message = (writer, value) => {
  texts(writer, 1, value.tags);
  text(writer, 3, value.description);
  text(writer, 5, value.operationId);
  texts(writer, 6, value.produces);
  texts(writer, 7, value.consumes);
  parameters(writer, 8, value.parameters);
  message(writer, 9, value.responses, (inner, responses) => {
    named(inner, 1, Object.entries(responses), response);
  });
  texts(writer, 10, value.schemes);
  extensions(writer, 13, value);
};

const methods = { get: 2, put: 3, post: 4, delete: 5, patch: 8 } as const;

const pathItem: Message = (writer, value) => {
  for (const [method, number] of Object.entries(methods)) {
    message(writer, number, value[method], operation);
  }
  parameters(writer, 9, value.parameters);
};

/** Encodes a document made by `openApiV2`. */
export function encodeOpenApiV2(document: JsonSchema): Uint8Array {
  const writer = Writer.create();
  text(writer, 1, document.swagger);
  message(writer, 2, document.info, (inner, info) => {
    text(inner, 1, info.title);
    text(inner, 2, info.version);
  });
  message(writer, 8, document.paths, (inner, paths) => {
    named(inner, 2, Object.entries(paths), pathItem);
  });
  message(writer, 9, document.definitions, (inner, definitions) => {
    named(inner, 1, Object.entries(definitions), schema);
  });
  return writer.finish();
}
