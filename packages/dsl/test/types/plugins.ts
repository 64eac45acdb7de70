// What the generator prints for plugins: the components that the other files here use, besides the built-in ones.
import type { Dict, Input, List } from "tspack";

/** Options of the builder amazon-ebs. */
export interface AmazonEbsConfig {
  region?: Input<string> | undefined;
  ami_users?: List<string> | undefined;
  run_tags?: Dict<string> | undefined;
  source_ami_filter?: AmazonEbsSourceAmiFilter | undefined;
  launch_block_device_mappings?: readonly AmazonEbsLaunchBlockDeviceMappings[] | undefined;
}

export interface AmazonEbsSourceAmiFilter {
  owners?: List<string> | undefined;
  most_recent?: Input<boolean> | undefined;
}

export interface AmazonEbsLaunchBlockDeviceMappings {
  device_name?: Input<string> | undefined;
  volume_size?: Input<number> | undefined;
}

/** Options of the data source image. */
export interface ImageConfig {
  family?: Input<string> | undefined;
}

/** What the data source image answers. */
export interface ImageOutput {
  id: string;
  size: number;
  files: readonly string[];
  description: string;
  tags: { name: string };
  labels: { readonly [label: string]: string };
}

declare module "tspack" {
  interface Builders {
    "amazon-ebs": AmazonEbsConfig;
  }
  interface Datasources {
    image: { config: ImageConfig; output: ImageOutput };
  }
  interface Artifacts {
    "amazon-ebs": { amis: { readonly [region: string]: string } };
  }
  interface GeneratedData {
    "amazon-ebs": { SourceAMI: string };
  }
}
