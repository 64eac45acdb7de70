import { createReadStream } from "node:fs";
import { readTar, type TarMember } from "../../../../src/archive/tar-reader.ts";

/** The members of an archive by name, with their contents as text. */
export async function readMembers(file: string): Promise<Map<string, TarMember & { readonly text: string }>> {
  const members = new Map<string, TarMember & { readonly text: string }>();
  for await (const member of readTar(createReadStream(file))) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of member.content) chunks.push(chunk);
    members.set(member.name, { ...member, text: Buffer.concat(chunks).toString() });
  }
  return members;
}
