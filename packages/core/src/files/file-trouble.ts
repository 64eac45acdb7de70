/** Why a file or folder could not be read or written, as the end of a sentence: in words, without what Node calls it. */
export function fileTrouble(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  switch ("code" in error ? error.code : undefined) {
    case "ENOENT":
    case "ENOTDIR":
      return "it does not exist";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a folder";
    case "ELOOP":
      return "symbolic links lead in a circle";
    case "ENAMETOOLONG":
      return "the name is too long";
    case "ERR_FS_FILE_TOO_LARGE":
      return "it is too large";
    case "EROFS":
      return "the file system is read-only";
    case "ENOSPC":
      return "the disk is full";
    default:
      return error.message;
  }
}
