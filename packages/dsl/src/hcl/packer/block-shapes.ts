// The blocks of Packer's templates and what they may hold (rows BLK-01 to BLK-18).
import type { JsonSchema } from "../syntax/parse-json.ts";

/** What a block, or a file, may hold. */
export interface BodyShape {
  /** Arguments; `"any"` takes all names. True: it must be there. */
  readonly attributes: "any" | { readonly [name: string]: boolean };
  /** Nested blocks; `"any"` for the bodies of components, whose nested blocks only their plugins know. */
  readonly blocks: "any" | { readonly [type: string]: BlockShape };
}

/** A type of block. */
export interface BlockShape {
  /** What its labels are called. */
  readonly labels: readonly string[];
  readonly body: BodyShape;
}

const anything: BodyShape = { attributes: "any", blocks: "any" };
const onlyAttributes: BodyShape = { attributes: "any", blocks: {} };

const provisioner: BlockShape = { labels: ["type"], body: anything };
const postProcessor: BlockShape = { labels: ["type"], body: anything };

/** `dynamic` in a place whose blocks are known. Its own body is checked where it is expanded. */
const dynamicBlock: BlockShape = { labels: ["type"], body: anything };

/** `hcp_packer_registry` (row BLK-15). */
export const registryShape: BlockShape = {
  labels: [],
  body: {
    attributes: {
      bucket_name: false,
      description: false,
      bucket_labels: false,
      build_labels: false,
      channels: false,
      labels: false,
    },
    blocks: {},
  },
};

/** `post-processors`: a chain. */
export const chainShape: BlockShape = {
  labels: [],
  body: { attributes: {}, blocks: { "post-processor": postProcessor, dynamic: dynamicBlock } },
};

/** Blocks inside `build`. */
export const buildBlocks: { readonly [type: string]: BlockShape } = {
  source: { labels: ["reference"], body: anything },
  provisioner,
  "error-cleanup-provisioner": provisioner,
  "post-processor": postProcessor,
  "post-processors": chainShape,
  hcp_packer_registry: registryShape,
  from: { labels: ["type"], body: anything },
  dynamic: dynamicBlock,
};

/** A whole file. */
export const rootShape: BodyShape = {
  attributes: {},
  blocks: {
    packer: {
      labels: [],
      body: { attributes: { required_version: false }, blocks: { required_plugins: { labels: [], body: onlyAttributes } } },
    },
    variable: {
      labels: ["name"],
      body: {
        attributes: { type: false, default: false, description: false, sensitive: false },
        blocks: { validation: { labels: [], body: { attributes: { condition: true, error_message: true }, blocks: {} } } },
      },
    },
    variables: { labels: [], body: onlyAttributes },
    locals: { labels: [], body: onlyAttributes },
    local: { labels: ["name"], body: { attributes: { expression: true, sensitive: false }, blocks: {} } },
    data: { labels: ["type", "name"], body: anything },
    source: { labels: ["type", "name"], body: anything },
    build: { labels: [], body: { attributes: { name: false, description: false, sources: false }, blocks: buildBlocks } },
    hcp_packer_registry: registryShape,
    communicator: { labels: ["type", "name"], body: anything },
  },
};

/** Which properties are blocks in a template in JSON syntax (row FIL-03). Of a component's own options none can be told apart. */
export function packerJsonSchema(): JsonSchema {
  return jsonSchema(rootShape, componentSchema());
}

// --- internal ---

function jsonSchema({ blocks }: BodyShape, component: JsonSchema): JsonSchema {
  if (blocks === "any") return component;
  return {
    blocks: Object.fromEntries(
      Object.entries(blocks).map(([type, { labels, body }]) => {
        return [type, component.blocks[type] ?? { labels: labels.length, body: jsonSchema(body, component) }];
      }),
    ),
  };
}

/**
 * The body of a component: only the blocks that are Packer's own, `dynamic` with its content, at any depth. The content of a `dynamic`
 * that makes chains holds post-processors.
 */
function componentSchema(): JsonSchema {
  const blocks: { [type: string]: { readonly labels: number; readonly body: JsonSchema } } = {};
  const inContent: { [type: string]: { readonly labels: number; readonly body: JsonSchema } } = {
    "post-processor": { labels: 1, body: { blocks } },
  };
  blocks.dynamic = { labels: 1, body: { blocks: { content: { labels: 0, body: { blocks: inContent } } } } };
  inContent.dynamic = blocks.dynamic;
  return { blocks };
}
