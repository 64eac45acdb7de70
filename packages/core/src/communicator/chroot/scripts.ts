// The scripts that run on the far side of a namespace. They are POSIX sh, use nothing but coreutils and util-linux, and take
// every value as an argument or on standard input, never inside their text.

/**
 * First process of the namespace. Arguments: workspace, folder of the base, extra overlay options, place of resolv.conf in the
 * root, then mount points of the running system to show inside, read-only. Prints `ready PID` when everything is mounted. It
 * lives until its standard input ends, which also happens when the process that holds the other end is killed; its death
 * ends every process of the namespace and takes all mounts along.
 */
export const HOLDER_SCRIPT = `
set -e
cd "$1"; base=$2; options=$3; resolv=$4; shift 4
# Still the outer /proc: our id as the outside sees it.
read -r pid rest < /proc/self/stat
if [ "$base" != lower ]; then mount --rbind "$base" lower; fi
# What has to exist to be mounted on, below everything: it must not show among the changes. A file system of its own, because
# overlayfs refuses layers that lie in each other.
mount -t tmpfs -o mode=755 points points
mkdir points/proc points/dev
if [ -n "$resolv" ]; then mkdir -p "points\${resolv%/*}"; : > "points$resolv"; fi
mount -t overlay overlay -o "lowerdir=lower:points,upperdir=upper,workdir=work$options" root
for point; do
  if [ -d "root$point" ]; then mount --rbind "$point" "root$point"; mount -o remount,bind,ro "root$point"; fi
done
for point in proc dev; do
  if [ -L "root/$point" ] || [ ! -d "root/$point" ]; then echo "/$point in the root file system is no folder" >&2; exit 1; fi
done
mount -t proc -o nosuid,nodev,noexec proc root/proc
for part in sys irq bus fs sysrq-trigger; do
  if [ -e "root/proc/$part" ]; then
    mount --bind "root/proc/$part" "root/proc/$part"
    mount -o remount,bind,ro,nosuid,nodev,noexec "root/proc/$part"
  fi
done
mount -t tmpfs -o nosuid,mode=755 dev root/dev
for device in null zero full random urandom tty; do
  if [ -e "/dev/$device" ]; then : > "root/dev/$device"; mount --bind "/dev/$device" "root/dev/$device"; fi
done
ln -s /proc/self/fd root/dev/fd
ln -s /proc/self/fd/0 root/dev/stdin
ln -s /proc/self/fd/1 root/dev/stdout
ln -s /proc/self/fd/2 root/dev/stderr
mkdir root/dev/pts root/dev/shm
mount -t tmpfs -o nosuid,nodev,mode=1777 shm root/dev/shm
if mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts root/dev/pts 2>/dev/null; then ln -s pts/ptmx root/dev/ptmx; fi
if [ -n "$resolv" ]; then mount --bind resolv.conf "root$resolv"; fi
echo "ready $pid"
# In the foreground, so that the shell waits and thereby reaps orphans. Ended by end of input, not by a signal to all.
until cat > /dev/null; do :; done
`;

/**
 * Follows symbolic links inside a root, as a process would that has it as its root: sets \`resolved\`. Parts that do not exist
 * are taken as they stand.
 */
const RESOLVE = `
fail() { printf '%s\\n' "$1" >&2; exit 1; }
resolve() {
  todo=$1; found=; links=0
  while [ -n "$todo" ]; do
    case $todo in
      */*) part=\${todo%%/*}; todo=\${todo#*/} ;;
      *) part=$todo; todo= ;;
    esac
    case $part in
      ''|.) continue ;;
      ..) found=\${found%/*}; continue ;;
    esac
    if [ -L "$root$found/$part" ]; then
      links=$((links + 1))
      if [ "$links" -gt 40 ]; then fail "too many symbolic links on the way to $1"; fi
      target=$(readlink -n -- "$root$found/$part"; echo .)
      target=\${target%.}
      case $target in /*) found= ;; esac
      todo=$target/$todo
    else
      found=$found/$part
    fi
  done
  resolved=$root$found
}
`;

/**
 * Writes files into a root. Argument: the root. Standard input: records of lines, `M PATH` for a folder that
 * may be there, `D MODE PATH` for one that gets this mode, `F MODE SIZE PATH` followed by so many bytes; `R MODE PATH` takes all the rest as
 * the file's content.
 */
export const RECEIVE_SCRIPT = `
set -e
root=$1
${RESOLVE}
writable() {
  resolve "$1"
  if [ -d "$resolved" ]; then fail "$1 is a folder; give the file a name in it"; fi
  mkdir -p -- "\${resolved%/*}"
}
while IFS= read -r kind; do
  case $kind in
    M) IFS= read -r path
      resolve "$path"; mkdir -p -- "$resolved" ;;
    D) IFS= read -r mode; IFS= read -r path
      resolve "$path"; mkdir -p -- "$resolved"; chmod -- "$mode" "$resolved" ;;
    F) IFS= read -r mode; IFS= read -r size; IFS= read -r path
      writable "$path"; head -c "$size" > "$resolved"; chmod -- "$mode" "$resolved" ;;
    R) IFS= read -r mode; IFS= read -r path
      writable "$path"; cat > "$resolved"; chmod -- "$mode" "$resolved" ;;
    *) fail "unknown record" ;;
  esac
done
`;

/** Prints a file. Arguments: root, path. */
export const SEND_FILE_SCRIPT = `
root=$1
${RESOLVE}
resolve "$2"
if [ -d "$resolved" ]; then fail "$2 is a folder"; fi
if [ ! -e "$resolved" ]; then fail "$2 does not exist"; fi
exec cat -- "$resolved"
`;

/**
 * Lists a folder with all below it. Arguments: root, path of the folder in it, `names`, `contents` or `follow`, and, to
 * tell what an overlay hides, base and merged root. Output, folder by folder: `S COUNT`, so many records that end in NUL, unless
 * `names` the bytes of each plain file among them in order; with `follow` the same again for each file that a link leads to, under the
 * link's name; `X PATH`, ended by NUL, for a name of the base that is gone; `E` at the end.
 */
export const LIST_SCRIPT = `
root=$1; mode=$3; base=$4; merged=$5
${RESOLVE}
resolve "$2"
if [ ! -d "$resolved" ]; then fail "$2 is no folder"; fi
cd -- "$resolved"
start=\${resolved#"$root"}
# Without quotes around the target of a link.
export QUOTING_STYLE=literal LC_ALL=C
group() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then return 0; fi
  printf 'S %s\\0' "$#"
  stat --printf='%f %u %g %s %Y %i %h %t %T %n\\n%N\\0' -- "$@" || exit 1
  if [ "$mode" != names ]; then
    for entry; do
      if [ -f "$entry" ] && [ ! -L "$entry" ]; then cat -- "$entry" || exit 1; fi
    done
  fi
  if [ "$mode" = follow ]; then
    for entry; do if [ -L "$entry" ]; then followed "$entry"; fi; done
  fi
  for entry; do
    if [ -d "$entry" ] && [ ! -L "$entry" ]; then walk "$entry/"; fi
  done
}
followed() {
  resolve "$start/\${1#./}"
  if [ ! -f "$resolved" ]; then return 0; fi
  printf 'S 1\\0'
  stat --printf='%f %u %g %s %Y %i %h %t %T ' -- "$resolved" || exit 1
  printf '%s\\n%s\\0' "$1" "$1"
  cat -- "$resolved" || exit 1
}
hidden() {
  for entry in "$base/$1"* "$base/$1".[!.]* "$base/$1"..?*; do
    if [ ! -e "$entry" ] && [ ! -L "$entry" ]; then continue; fi
    other=$merged/$1\${entry##*/}
    if [ ! -e "$other" ] && [ ! -L "$other" ]; then printf 'X %s%s\\0' "$1" "\${entry##*/}"; fi
  done
}
walk() {
  if [ -n "$base" ]; then hidden "$1"; fi
  group "$1"*
  group "$1".[!.]*
  group "$1"..?*
}
walk ./
printf 'E\\0'
`;

/** Gives files their owners. Argument: root. Standard input: lines OWNER, MODE, PATH. What the system refuses is skipped. */
export const OWNER_SCRIPT = `
while IFS= read -r owner && IFS= read -r mode && IFS= read -r path; do
  chown -h -- "$owner" "$1$path" 2>/dev/null || continue
  # Changing the owner clears setuid.
  if [ ! -L "$1$path" ]; then chmod -- "$mode" "$1$path"; fi
done
`;

/** Ends every process of the namespace but the first and this. */
export const STOP_ALL_SCRIPT = "kill -KILL -1";
