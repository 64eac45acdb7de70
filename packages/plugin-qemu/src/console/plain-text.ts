/** A text of a guest's, or of a program that shows what a guest printed, without the sequences that tell terminals to do things. */
export function withoutControls(text: string): string {
  return text
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\?)|[()][0-9A-Za-z]|[@-Z\\^_=>78])/g, "")
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, "");
}
