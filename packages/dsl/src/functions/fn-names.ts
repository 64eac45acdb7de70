// The names of the methods of `fn`. They stand here once more so that `fn` is there without loading the functions.

/** Every function of the language, `env` among them; a test compares them with the table. */
export const functionNames: readonly string[] = [
  ..."abs ceil floor log max min parseint pow signum sum".split(" "),
  ..."chomp endswith format formatlist indent join lower regex regex_replace regexall replace split startswith strcontains".split(" "),
  ..."strrev substr title trim trimprefix trimspace trimsuffix upper urlencode base64encode base64decode base64gzip".split(" "),
  ..."textencodebase64 textdecodebase64".split(" "),
  ..."alltrue anytrue chunklist coalesce coalescelist compact concat contains distinct element flatten index keys length".split(" "),
  ..."lookup merge range reverse setintersection setproduct setunion slice sort values zipmap convert try can".split(" "),
  ..."csvdecode jsondecode jsonencode yamldecode yamlencode".split(" "),
  ..."abspath basename dirname file filebase64 fileexists fileset pathexpand templatefile".split(" "),
  ..."formatdate timeadd timestamp legacy_isotime legacy_strftime rfc3339_parse unix_timestamp_parse".split(" "),
  ..."bcrypt md5 rsadecrypt sha1 sha256 sha512 uuidv4 uuidv5".split(" "),
  ..."cidrhost cidrnetmask cidrsubnet cidrsubnets".split(" "),
  ..."env vault consul_key aws_secretsmanager aws_secretsmanager_raw".split(" "),
];
