// Values of the user's in the texts that PowerShell reads (about_Quoting_Rules, about_Special_Characters). PowerShell takes the
// typographic quotes for quotes too, so that a value could end its quotation with one.

/** A text as one literal of PowerShell: nothing in it is looked at. */
export function quoteLiteral(text: string): string {
  return `'${text.replace(/['‘’‚‛]/g, (quote) => quote + quote)}'`;
}

/** A text as it has to stand between double quotes to come out as it is (row PS-10). */
export function escapeDoubleQuoted(text: string): string {
  return text.replace(/[$"`'“”„]/g, (character) => `\`${character}`);
}

/** A path on the machine in a script: as it is, but for `$`, which users write to have it expanded (`$env:TEMP\vars.ps1`). */
export function quotePath(path: string): string {
  return path.includes("$") ? `"${path.replace(/["`“”„]/g, (character) => `\`${character}`)}"` : quoteLiteral(path);
}

/** The same in a command line that has double quotes around it. */
export function quotePathInCommand(path: string): string {
  return path.includes("$") ? path : quoteLiteral(path);
}

/** A path on the machine as one argument in a command line. Paths of Windows hold no double quotes. */
export function quoteArgument(path: string): string {
  return /^[\w:\\/.$%~+-]+$/.test(path) ? path : `"${path}"`;
}

/**
 * A PowerShell script as the bytes of its file. Windows PowerShell takes a file for one in the machine's old character set unless it
 * begins with a byte order mark, so what is not ASCII gets one.
 */
export function scriptText(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : `\ufeff${text}`;
}
