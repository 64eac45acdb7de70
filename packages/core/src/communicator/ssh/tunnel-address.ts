/** A tunnel as the user writes it: `PORT:HOST:PORT` (rows COM-36, COM-37). */
export interface TunnelAddress {
  readonly listenPort: number;
  readonly host: string;
  readonly port: number;
}

/** Reads `PORT:HOST:PORT`; an IPv6 host stands in brackets. Undefined when the text has another form. */
export function parseTunnel(text: string): TunnelAddress | undefined {
  const match = /^(\d{1,5}):(\[[0-9A-Fa-f:.]+\]|[^:[\]\s]+):(\d{1,5})$/.exec(text.trim());
  if (match === null) return undefined;
  const [, listen, host = "", target] = match;
  const address = { listenPort: Number(listen), host: host.replace(/^\[|\]$/g, ""), port: Number(target) };
  if (address.listenPort > 65535 || address.port > 65535 || address.port === 0) return undefined;
  return address;
}
