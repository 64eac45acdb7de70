/** What the compiler says, and what it underlines. */
export interface Marked {
  readonly code: number;
  readonly marked: string;
  /** Lines of one message, the outermost first. */
  readonly text: string;
}

/** An editor with one file open, `image.ts` in test/types. All versions of TypeScript answer through it. */
export interface Editor {
  /** Shows the file with this text. */
  edit(text: string): Promise<void>;
  diagnostics(): Promise<readonly Marked[]>;
  /** Names offered at a place, as the editor shows them without the user asking for more: sorted by name. */
  completions(offset: number): Promise<readonly string[]>;
  /** The first line of what is shown for the name at a place. */
  hover(offset: number): Promise<string>;
  close(): Promise<void>;
}
