/** Namespaces and names of MS-WSMV, WS-Management (DSP0226) and SOAP 1.2, as they appear on the wire. */
export const ns = {
  soap: "http://www.w3.org/2003/05/soap-envelope",
  addressing: "http://schemas.xmlsoap.org/ws/2004/08/addressing",
  wsman: "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
  microsoft: "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd",
  transfer: "http://schemas.xmlsoap.org/ws/2004/09/transfer",
  shell: "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
  identity: "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd",
  fault: "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
} as const;

/** The address of whoever has asked. */
export const ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous";
/** The only kind of shell there is: cmd.exe. */
export const CMD_RESOURCE = `${ns.shell}/cmd`;

/** What a client may ask for. */
export const actions = {
  create: `${ns.transfer}/Create`,
  delete: `${ns.transfer}/Delete`,
  command: `${ns.shell}/Command`,
  send: `${ns.shell}/Send`,
  receive: `${ns.shell}/Receive`,
  signal: `${ns.shell}/Signal`,
} as const;
