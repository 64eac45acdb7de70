import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type * as typescript from "typescript-6.0";
import type { Editor, Marked } from "./editor.ts";

/** TypeScript 5.9 and 6.0: their language service, in this process. */
export class ServiceEditor implements Editor {
  readonly #ts: typeof typescript;
  readonly #file: string;
  readonly #service: typescript.LanguageService;
  #text = "";
  #version = 0;

  constructor(ts: typeof typescript, folder: string) {
    this.#ts = ts;
    this.#file = join(folder, "image.ts");
    const config = ts.readConfigFile(join(folder, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, folder);
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => [this.#file, join(folder, "plugins.ts")],
      getScriptVersion: (file) => (file === this.#file ? String(this.#version) : "1"),
      getScriptSnapshot: (file) => {
        const text = file === this.#file ? this.#text : existsSync(file) ? readFileSync(file, "utf8") : undefined;
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => folder,
      getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
      fileExists: (file) => file === this.#file || ts.sys.fileExists(file),
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
      ...(ts.sys.realpath === undefined ? {} : { realpath: ts.sys.realpath }),
    });
  }

  /** Every file that the open one leads to. */
  files(): readonly string[] {
    return (this.#service.getProgram()?.getSourceFiles() ?? []).map((file) => file.fileName);
  }

  async edit(text: string): Promise<void> {
    this.#text = text;
    this.#version++;
  }

  async diagnostics(): Promise<readonly Marked[]> {
    const found = [...this.#service.getSyntacticDiagnostics(this.#file), ...this.#service.getSemanticDiagnostics(this.#file)];
    return found.map(({ code, start = 0, length = 0, messageText }) => ({
      code,
      marked: this.#text.slice(start, start + length),
      text: this.#ts.flattenDiagnosticMessageText(messageText, "\n"),
    }));
  }

  async completions(offset: number): Promise<readonly string[]> {
    const answer = this.#service.getCompletionsAtPosition(this.#file, offset, {});
    return (answer?.entries ?? []).map(({ name }) => name).sort();
  }

  async hover(offset: number): Promise<string> {
    const info = this.#service.getQuickInfoAtPosition(this.#file, offset);
    return this.#ts.displayPartsToString(info?.displayParts);
  }

  async close(): Promise<void> {
    this.#service.dispose();
  }
}
