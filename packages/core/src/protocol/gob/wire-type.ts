import type { GobField, GobType } from "./type.ts";

/** The type of type definitions, the one struct that both ends know before anything is sent. */
export const WIRE_TYPE: GobType = wireType();

// --- internal ---

function wireType(): GobType {
  const common = struct("CommonType", { Name: { kind: "string" }, Id: { kind: "int" } });
  const field = struct("fieldType", { Name: { kind: "string" }, Id: { kind: "int" } });
  const marshaler = struct("gobEncoderType", { CommonType: common });
  return struct("wireType", {
    ArrayT: struct("arrayType", { CommonType: common, Elem: { kind: "int" }, Len: { kind: "int" } }),
    SliceT: struct("sliceType", { CommonType: common, Elem: { kind: "int" } }),
    StructT: struct("structType", { CommonType: common, Field: { kind: "slice", name: "[]*fieldType", element: field } }),
    MapT: struct("mapType", { CommonType: common, Key: { kind: "int" }, Elem: { kind: "int" } }),
    GobEncoderT: marshaler,
    BinaryMarshalerT: marshaler,
    TextMarshalerT: marshaler,
  });
}

function struct(name: string, fields: { readonly [name: string]: GobType }): GobType {
  const list: readonly GobField[] = Object.entries(fields).map(([field, type]) => ({ name: field, type }));
  return { kind: "struct", name, fields: list };
}
