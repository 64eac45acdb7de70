// Option types of the components that come with tspack. Printed from their schemas by `npm run typegen`; do not edit.
import type { Dict, Input, List } from "tspack";

/** Options of the builder file. Writes one file, from a text or from another file. */
export interface FileConfig {
  /** Path of the file to write. Missing folders are created; a file that is there is replaced. */
  target: Input<string>;
  /** File to copy to the target. Cannot be combined with `content`. */
  source?: Input<string> | undefined;
  /** Text of the file. Cannot be combined with `source`. */
  content?: Input<string> | undefined;
}

/**
 * Options of the builder null. Connects to a machine that exists already and provisions it; makes no artifact of
 * its own.
 */
export interface NullConfig {
  /** How to reach the machine: `ssh`, `none` (do not connect) or `winrm`. Default: `"ssh"`. */
  communicator?: Input<string> | undefined;
  /** Time to wait after the first successful connection, before connecting again for good. Default: `"0s"`. */
  pause_before_connecting?: Input<string> | undefined;
  /** Host name or address of the machine; usually found out by the builder. */
  ssh_host?: Input<string> | undefined;
  /** Port of the SSH server. Default: `22`. */
  ssh_port?: Input<number> | undefined;
  /** User to log in as. Required for SSH. */
  ssh_username?: Input<string> | undefined;
  /** Password of the user. It also answers every keyboard-interactive question. */
  ssh_password?: Input<string> | undefined;
  /** Private key to log in with, in OpenSSH or PEM format. `~` is the home directory. */
  ssh_private_key_file?: Input<string> | undefined;
  /** Passphrase of an encrypted `ssh_private_key_file`. */
  ssh_private_key_passphrase?: Input<string> | undefined;
  /** User certificate, signed by a CA the machine trusts, for `ssh_private_key_file`. */
  ssh_certificate_file?: Input<string> | undefined;
  /** Log in with the keys of the local SSH agent; no temporary key is made. Default: `false`. */
  ssh_agent_auth?: Input<boolean> | undefined;
  /** Do not forward the local SSH agent to the machine. Default: `false`. */
  ssh_disable_agent_forwarding?: Input<boolean> | undefined;
  /** Name of a key pair that the platform knows, for builders that support it. */
  ssh_keypair_name?: Input<string> | undefined;
  /** Name of the temporary key pair, and the comment of its key. Builders choose one unless given. */
  temporary_key_pair_name?: Input<string> | undefined;
  /** Type of the temporary key that a builder makes for its machine. Default: `"rsa"`. */
  temporary_key_pair_type?: Input<"rsa" | "ecdsa" | "ed25519" | "dsa" | (string & {})> | undefined;
  /**
   * Size of the temporary key; 0 means 4096 for rsa, 521 for ecdsa and 1024 for dsa. Ignored for ed25519. Default:
   * `0`.
   */
  temporary_key_pair_bits?: Input<number> | undefined;
  /**
   * Remove the temporary key from the authorized keys of the user and of root when the build is done. Default:
   * `false`.
   */
  ssh_clear_authorized_keys?: Input<boolean> | undefined;
  /** Ciphers to offer, best first, instead of the default list. */
  ssh_ciphers?: List<string> | undefined;
  /** Key exchange algorithms to offer, best first, instead of the default list. */
  ssh_key_exchange_algorithms?: List<string> | undefined;
  /** Run commands in a pseudo-terminal. Its output has no separate error stream. Default: `false`. */
  ssh_pty?: Input<boolean> | undefined;
  /**
   * How long to try to connect, overall. 5m when neither this nor `ssh_handshake_attempts` is given; otherwise no
   * limit.
   */
  ssh_timeout?: Input<string> | undefined;
  /**
   * Old name of `ssh_timeout`, which it overrides.
   * @deprecated
   */
  ssh_wait_timeout?: Input<string> | undefined;
  /**
   * How many times the machine may refuse the credentials. 10 when neither this nor `ssh_timeout` is given;
   * otherwise no limit.
   */
  ssh_handshake_attempts?: Input<number> | undefined;
  /** SOCKS5 proxy to connect through. */
  ssh_proxy_host?: Input<string> | undefined;
  /** Port of the SOCKS5 proxy. Default: `1080`. */
  ssh_proxy_port?: Input<number> | undefined;
  /** User name for the SOCKS5 proxy. */
  ssh_proxy_username?: Input<string> | undefined;
  /** Password for the SOCKS5 proxy. */
  ssh_proxy_password?: Input<string> | undefined;
  /** Protocol for transferring files: `scp` or `sftp`. Default: `"scp"`. */
  ssh_file_transfer_method?: Input<"scp" | "sftp" | (string & {})> | undefined;
  /** How often to send a keep-alive message. A negative value turns them off. Default: `"5s"`. */
  ssh_keep_alive_interval?: Input<string> | undefined;
  /** Longest silence of the machine before the connection counts as lost. 0 means no limit. Default: `"0s"`. */
  ssh_read_write_timeout?: Input<string> | undefined;
  /** Tunnels `PORT:HOST:PORT`: listen on that port here, and connect from the machine to that host and port. */
  ssh_local_tunnels?: List<string> | undefined;
  /** Tunnels `PORT:HOST:PORT`: listen on that port of the machine, and connect from here to that host and port. */
  ssh_remote_tunnels?: List<string> | undefined;
  /** Internal: public key as bytes. */
  ssh_public_key?: List<number> | undefined;
  /** Internal: private key as bytes. */
  ssh_private_key?: List<number> | undefined;
  /**
   * Fingerprints (`SHA256:…`, as `ssh-keygen -l` prints them) of the host keys to accept. Without them host keys
   * are not checked.
   */
  ssh_host_key_fingerprints?: List<string> | undefined;
  /** Jump host to connect through. */
  ssh_bastion_host?: Input<string> | undefined;
  /** Port of the jump host's SSH server. Default: `22`. */
  ssh_bastion_port?: Input<number> | undefined;
  /** User to log in as on the jump host. */
  ssh_bastion_username?: Input<string> | undefined;
  /** Password on the jump host. It also answers every keyboard-interactive question. */
  ssh_bastion_password?: Input<string> | undefined;
  /** Ask for the answers to the jump host's keyboard-interactive questions and for its password. Default: `false`. */
  ssh_bastion_interactive?: Input<boolean> | undefined;
  /** Private key for the jump host; `ssh_private_key_file` (with its certificate) unless given. */
  ssh_bastion_private_key_file?: Input<string> | undefined;
  /** Passphrase of an encrypted `ssh_bastion_private_key_file`. */
  ssh_bastion_private_key_passphrase?: Input<string> | undefined;
  /** User certificate for `ssh_bastion_private_key_file`. */
  ssh_bastion_certificate_file?: Input<string> | undefined;
  /** Log in to the jump host with the keys of the local SSH agent. Default: `false`. */
  ssh_bastion_agent_auth?: Input<boolean> | undefined;
  /** Fingerprints (`SHA256:…`) of the jump host's keys to accept. Without them they are not checked. */
  ssh_bastion_host_key_fingerprints?: List<string> | undefined;
  /** User to log in as through WinRM. */
  winrm_username?: Input<string> | undefined;
  /** Password of the WinRM user; builders may find it out. */
  winrm_password?: Input<string> | undefined;
  /** Host name or address of the machine for WinRM; usually found out by the builder. */
  winrm_host?: Input<string> | undefined;
  /** Go past any HTTP proxy when talking to the machine. Default: `false`. */
  winrm_no_proxy?: Input<boolean> | undefined;
  /** Port of WinRM: 5985, or 5986 with `winrm_use_ssl`, unless given. */
  winrm_port?: Input<number> | undefined;
  /** How long to wait for WinRM, overall and for each operation. Default: `"30m"`. */
  winrm_timeout?: Input<string> | undefined;
  /** Talk to the machine by HTTPS. Default: `false`. */
  winrm_use_ssl?: Input<boolean> | undefined;
  /** Do not check the certificate of the machine. Default: `false`. */
  winrm_insecure?: Input<boolean> | undefined;
  /** Authenticate with NTLMv2 instead of basic authentication. Default: `false`. */
  winrm_use_ntlm?: Input<boolean> | undefined;
}

/** Options of the builder qemu. Builds virtual machine images with QEMU. */
export interface QemuConfig {
  /**
   * Where the image is: a path, an http, https or file URL, or an object or file of S3, Google Cloud Storage, Git
   * or Mercurial. A packed one (`.xz`, `.gz`, `.zip` …) is unpacked. Required, unless `iso_urls` is given.
   */
  iso_url?: Input<string> | undefined;
  /** Several places of the same image, tried in order. In place of `iso_url`. */
  iso_urls?: List<string> | undefined;
  /**
   * What the image has to match: `sha256:HEX` (or md5, sha1, sha224, sha384, sha512), the digits alone,
   * `file:LOCATION` of a list of checksums, or `none`. Required.
   */
  iso_checksum?: Input<string> | undefined;
  /** Where to download to: a file when the path has an extension, else a folder. The cache folder unless given. */
  iso_target_path?: Input<string> | undefined;
  /** Extension of the downloaded file's name. Default: `"iso"`. */
  iso_target_extension?: Input<string> | undefined;
  /**
   * Further installation images, such as one with drivers: each is downloaded, verified and attached as a CD. Not
   * in Packer.
   */
  additional_iso_files?: readonly QemuAdditionalIsoFiles[] | undefined;
  /** The QEMU program: a name on the path, or a path. Default: `"qemu-system-x86_64"`. */
  qemu_binary?: Input<string> | undefined;
  /** How the guest's processor is run. The fastest that is found to work, unless given. */
  accelerator?: Input<"none" | "kvm" | "tcg" | "xen" | "hax" | "hvf" | "whpx" | (string & {})> | undefined;
  /**
   * QEMU's machine type; Secure Boot firmware needs a q35 type. Unless given it is `pc`, or for a `qemu_binary` of
   * another processor the usual one: `virt` for ARM.
   */
  machine_type?: Input<string> | undefined;
  /** QEMU's processor model; QEMU's own choice unless given, but for 64-bit ARM, where that cannot start from EFI. */
  cpu_model?: Input<string> | undefined;
  /** Number of processors. Default: `0`. */
  cpus?: Input<number> | undefined;
  /** Number of processor sockets. Default: `0`. */
  sockets?: Input<number> | undefined;
  /** Number of cores in a socket. Default: `0`. */
  cores?: Input<number> | undefined;
  /** Number of threads in a core. Default: `0`. */
  threads?: Input<number> | undefined;
  /** Memory in MiB. Below 10 means 512. Default: `512`. */
  memory?: Input<number> | undefined;
  /** QEMU's graphics card, such as `std` or `virtio`. The machine type `virt` has `virtio`, unless this is `none`. */
  vga?: Input<string> | undefined;
  /** Name of the machine and of the main disk's file; `packer-NAME` of the build unless given. */
  vm_name?: Input<string> | undefined;
  /**
   * Give the machine a port for the QEMU guest agent. Where one answers, it shuts the guest down when there is no
   * `shutdown_command`, and tells its address on a `net_bridge`. Not in Packer. Default: `false`.
   */
  guest_agent?: Input<boolean> | undefined;
  /**
   * Does nothing, as in Packer. Default: `false`.
   * @deprecated
   */
  run_once?: Input<boolean> | undefined;
  /** A firmware file to start with instead of QEMU's own. */
  firmware?: Input<string> | undefined;
  /** Give `firmware` to the machine as flash memory. Default: `false`. */
  use_pflash?: Input<boolean> | undefined;
  /**
   * Start with EFI firmware. True when one of the two files below is given, and for 64-bit ARM, unless there is
   * firmware of yours or this is false.
   */
  efi_boot?: Input<boolean> | undefined;
  /** The firmware's code; found on this system unless given. */
  efi_firmware_code?: Input<string> | undefined;
  /** Template of the firmware's variables, which is copied to `efivars.fd`; found on this system unless given. */
  efi_firmware_vars?: Input<string> | undefined;
  /** Leave `efivars.fd` out of the artifact. Default: `false`. */
  efi_drop_efivars?: Input<boolean> | undefined;
  /** Give the machine a TPM, emulated by swtpm. Default: `false`. */
  vtpm?: Input<boolean> | undefined;
  /** TPM 1.2 instead of 2.0. Default: `false`. */
  use_tpm1?: Input<boolean> | undefined;
  /**
   * QEMU's TPM device: `tpm-tis` or `tpm-crb`. Unless given `tpm-tis`, `tpm-tis-device` for ARM, `tpm-spapr` for
   * POWER.
   */
  tpm_device_type?: Input<string> | undefined;
  /**
   * Folder that keeps the TPM's state after a build that went well. What is in it already is what the TPM starts
   * with. Thrown away unless given. Not in Packer.
   */
  tpm_state_directory?: Input<string> | undefined;
  /** Size of the main disk, such as `40G`; a number alone is MiB. `40960M` unless given. */
  disk_size?: Input<string> | undefined;
  /** Sizes of further disks. A number alone means bytes. */
  disk_additional_size?: List<string> | undefined;
  /** Format of the disks. Default: `"qcow2"`. */
  format?: Input<"qcow2" | "raw" | (string & {})> | undefined;
  /** How the disks are attached. Default: `"virtio"`. */
  disk_interface?: Input<"ide" | "sata" | "scsi" | "sd" | "virtio" | "virtio-scsi" | (string & {})> | undefined;
  /** How CDs are attached: `ide`, `sata`, `scsi`, `virtio`, `virtio-scsi`; QEMU decides unless given. */
  cdrom_interface?: Input<string> | undefined;
  /** How writes of the guest are cached. Default: `"writeback"`. */
  disk_cache?: Input<"writethrough" | "writeback" | "none" | "unsafe" | "directsync" | (string & {})> | undefined;
  /** Whether the guest can give space back. Default: `"ignore"`. */
  disk_discard?: Input<"unmap" | "ignore" | (string & {})> | undefined;
  /** Whether written zeroes are stored as holes. Default: `"off"`. */
  disk_detect_zeroes?: Input<"unmap" | "on" | "off" | (string & {})> | undefined;
  /** `iso_url` is a disk image to start from, not an installation medium. Default: `false`. */
  disk_image?: Input<boolean> | undefined;
  /**
   * Keep only what differs from the disk image, which must stay where it is. Needs `disk_image` and qcow2.
   * Default: `false`.
   */
  use_backing_file?: Input<boolean> | undefined;
  /** Leave the disk image's size as it is. Needs `disk_image`. Default: `false`. */
  skip_resize_disk?: Input<boolean> | undefined;
  /** Do not rewrite the disk in the end to make it small. Default: `false`. */
  skip_compaction?: Input<boolean> | undefined;
  /** Rewrite further disks in the end, too, as the main disk is. Not in Packer. Default: `false`. */
  compact_additional_disks?: Input<boolean> | undefined;
  /** Compress the disk in the end. Default: `false`. */
  disk_compression?: Input<boolean> | undefined;
  /** Further words for qemu-img, by its command. */
  qemu_img_args?: QemuQemuImgArgs | undefined;
  /** Do not download: QEMU reads `iso_url` itself. The checksum is not checked then. Default: `false`. */
  iso_skip_cache?: Input<boolean> | undefined;
  /** Open no window. Default: `false`. */
  headless?: Input<boolean> | undefined;
  /**
   * QEMU's display unless `headless`, such as `sdl` or `cocoa`; `gtk` unless given. `none` means QEMU's own
   * choice.
   */
  display?: Input<string> | undefined;
  /** Leave the display to QEMU. Default: `false`. */
  use_default_display?: Input<boolean> | undefined;
  /** Address that QEMU's VNC server listens on. Default: `"127.0.0.1"`. */
  vnc_bind_address?: Input<string> | undefined;
  /** Lowest port for VNC, 5900 or above. Default: `5900`. */
  vnc_port_min?: Input<number> | undefined;
  /** First port above those for VNC; with the value of `vnc_port_min` that port alone is tried. Default: `6000`. */
  vnc_port_max?: Input<number> | undefined;
  /** Ask VNC viewers for a password. Default: `false`. */
  vnc_use_password?: Input<boolean> | undefined;
  /** The password, 8 characters at most; made up unless given. */
  vnc_password?: Input<string> | undefined;
  /** Open a monitor socket of QEMU's for yourself. The builder has one of its own and needs none. Default: `false`. */
  qmp_enable?: Input<boolean> | undefined;
  /** Path of that socket; `NAME.monitor` in the output folder unless given. */
  qmp_socket_path?: Input<string> | undefined;
  /**
   * How the boot command is typed: through QEMU's monitor, or more slowly through VNC as Packer does. Not in
   * Packer. Default: `"qmp"`.
   */
  boot_typing?: Input<"qmp" | "vnc" | (string & {})> | undefined;
  /** QEMU's network card. Default: `"virtio-net"`. */
  net_device?: Input<string> | undefined;
  /** An existing bridge to connect the machine to, instead of user networking (Linux). */
  net_bridge?: Input<string> | undefined;
  /** Lowest port of this host for reaching the machine; 2222 unless given. */
  host_port_min?: Input<number> | undefined;
  /** First port above those; 4444 unless given. With the value of `host_port_min` that port alone is tried. */
  host_port_max?: Input<number> | undefined;
  /**
   * Old name of `host_port_min`, which it overrides.
   * @deprecated
   */
  ssh_host_port_min?: Input<number> | undefined;
  /**
   * Old name of `host_port_max`, which it overrides.
   * @deprecated
   */
  ssh_host_port_max?: Input<number> | undefined;
  /** Look for no free port: the machine is reached at the port of the communicator itself. Default: `false`. */
  skip_nat_mapping?: Input<boolean> | undefined;
  /**
   * Files, folders and patterns (`*`, `?`, `[a-z]`) to put on a CD for the guest. A folder keeps its name; one
   * with a slash at its end gives its content. Links are followed.
   */
  cd_files?: List<string> | undefined;
  /** Texts to put on the CD, by path. They win over `cd_files`. */
  cd_content?: Dict<string> | undefined;
  /** Name of the CD's volume, at most 32 characters; `cidata` for cloud-init. Default: `"packer"`. */
  cd_label?: Input<string> | undefined;
  /**
   * Files, folders and patterns whose files all go to the root of a floppy disk for the guest, without their
   * folders.
   */
  floppy_files?: List<string> | undefined;
  /** Folders, files and patterns to put on the floppy disk with all folders below them. */
  floppy_dirs?: List<string> | undefined;
  /** Texts to put on the floppy disk, by path. They win over files. */
  floppy_content?: Dict<string> | undefined;
  /** Name of the floppy disk's volume, at most 11 characters. Default: `"packer"`. */
  floppy_label?: Input<string> | undefined;
  /** Folder to serve to the guest by HTTP, with listings. */
  http_directory?: Input<string> | undefined;
  /** Texts to serve to the guest by HTTP, by path; each path starts with a slash. In place of `http_directory`. */
  http_content?: Dict<string> | undefined;
  /** Lowest port to try for the HTTP server. Default: `8000`. */
  http_port_min?: Input<number> | undefined;
  /** First port above those to try; with the value of `http_port_min` that port alone is tried. Default: `9000`. */
  http_port_max?: Input<number> | undefined;
  /** Address that the HTTP server listens on; all addresses unless given. */
  http_bind_address?: Input<string> | undefined;
  /**
   * Network interface whose address the guest is told, for builders that look it up. In place of
   * `http_bind_address`.
   */
  http_interface?: Input<string> | undefined;
  /** Network of the HTTP server: `tcp`, `tcp4`, `tcp6` or `unix` (a socket file `ADDRESS:PORT`). Default: `"tcp"`. */
  http_network_protocol?: Input<"tcp" | "tcp4" | "tcp6" | "unix" | "unixpacket" | (string & {})> | undefined;
  /**
   * What to type when the machine has started: texts, keys such as `<enter>`, and waits such as `<wait5>`. Joined
   * as they are.
   */
  boot_command?: List<string> | undefined;
  /**
   * How long to wait after the start before anything is typed. A negative value means not at all; 0 means the
   * default. Default: `"10s"`.
   */
  boot_wait?: Input<string> | undefined;
  /**
   * Time between key events; also `PACKER_KEY_INTERVAL`. What is not longer than zero means the default of the way
   * of typing.
   */
  boot_key_interval?: Input<string> | undefined;
  /** Time between groups of scan codes, for builders that type in such groups. */
  boot_keygroup_interval?: Input<string> | undefined;
  /**
   * Instead of `boot_command`: a list of steps, each a boot command and, where wanted, a description that is shown
   * before it.
   */
  boot_steps?: List<readonly Input<string>[]> | undefined;
  /** Do without VNC. Nothing can be typed then. Default: `false`. */
  disable_vnc?: Input<boolean> | undefined;
  /** Command that shuts the machine down once it is provisioned. Without one it is powered off. */
  shutdown_command?: Input<string> | undefined;
  /** How long the shutdown may take before the build fails. 0 means the default. Default: `"5m"`. */
  shutdown_timeout?: Input<string> | undefined;
  /** How to reach the machine: `ssh`, `none` (do not connect) or `winrm`. Default: `"ssh"`. */
  communicator?: Input<string> | undefined;
  /** Time to wait after the first successful connection, before connecting again for good. Default: `"0s"`. */
  pause_before_connecting?: Input<string> | undefined;
  /** Host name or address of the machine; usually found out by the builder. */
  ssh_host?: Input<string> | undefined;
  /** Port of the SSH server. Default: `22`. */
  ssh_port?: Input<number> | undefined;
  /** User to log in as. Required for SSH. */
  ssh_username?: Input<string> | undefined;
  /** Password of the user. It also answers every keyboard-interactive question. */
  ssh_password?: Input<string> | undefined;
  /** Private key to log in with, in OpenSSH or PEM format. `~` is the home directory. */
  ssh_private_key_file?: Input<string> | undefined;
  /** Passphrase of an encrypted `ssh_private_key_file`. */
  ssh_private_key_passphrase?: Input<string> | undefined;
  /** User certificate, signed by a CA the machine trusts, for `ssh_private_key_file`. */
  ssh_certificate_file?: Input<string> | undefined;
  /** Log in with the keys of the local SSH agent; no temporary key is made. Default: `false`. */
  ssh_agent_auth?: Input<boolean> | undefined;
  /** Do not forward the local SSH agent to the machine. Default: `false`. */
  ssh_disable_agent_forwarding?: Input<boolean> | undefined;
  /** Name of a key pair that the platform knows, for builders that support it. */
  ssh_keypair_name?: Input<string> | undefined;
  /** Name of the temporary key pair, and the comment of its key. Builders choose one unless given. */
  temporary_key_pair_name?: Input<string> | undefined;
  /** Type of the temporary key that a builder makes for its machine. Default: `"rsa"`. */
  temporary_key_pair_type?: Input<"rsa" | "ecdsa" | "ed25519" | "dsa" | (string & {})> | undefined;
  /**
   * Size of the temporary key; 0 means 4096 for rsa, 521 for ecdsa and 1024 for dsa. Ignored for ed25519. Default:
   * `0`.
   */
  temporary_key_pair_bits?: Input<number> | undefined;
  /**
   * Remove the temporary key from the authorized keys of the user and of root when the build is done. Default:
   * `false`.
   */
  ssh_clear_authorized_keys?: Input<boolean> | undefined;
  /** Ciphers to offer, best first, instead of the default list. */
  ssh_ciphers?: List<string> | undefined;
  /** Key exchange algorithms to offer, best first, instead of the default list. */
  ssh_key_exchange_algorithms?: List<string> | undefined;
  /** Run commands in a pseudo-terminal. Its output has no separate error stream. Default: `false`. */
  ssh_pty?: Input<boolean> | undefined;
  /**
   * How long to try to connect, overall. 5m when neither this nor `ssh_handshake_attempts` is given; otherwise no
   * limit.
   */
  ssh_timeout?: Input<string> | undefined;
  /**
   * Old name of `ssh_timeout`, which it overrides.
   * @deprecated
   */
  ssh_wait_timeout?: Input<string> | undefined;
  /**
   * How many times the machine may refuse the credentials. 10 when neither this nor `ssh_timeout` is given;
   * otherwise no limit.
   */
  ssh_handshake_attempts?: Input<number> | undefined;
  /** SOCKS5 proxy to connect through. */
  ssh_proxy_host?: Input<string> | undefined;
  /** Port of the SOCKS5 proxy. Default: `1080`. */
  ssh_proxy_port?: Input<number> | undefined;
  /** User name for the SOCKS5 proxy. */
  ssh_proxy_username?: Input<string> | undefined;
  /** Password for the SOCKS5 proxy. */
  ssh_proxy_password?: Input<string> | undefined;
  /** Protocol for transferring files: `scp` or `sftp`. Default: `"scp"`. */
  ssh_file_transfer_method?: Input<"scp" | "sftp" | (string & {})> | undefined;
  /** How often to send a keep-alive message. A negative value turns them off. Default: `"5s"`. */
  ssh_keep_alive_interval?: Input<string> | undefined;
  /** Longest silence of the machine before the connection counts as lost. 0 means no limit. Default: `"0s"`. */
  ssh_read_write_timeout?: Input<string> | undefined;
  /** Tunnels `PORT:HOST:PORT`: listen on that port here, and connect from the machine to that host and port. */
  ssh_local_tunnels?: List<string> | undefined;
  /** Tunnels `PORT:HOST:PORT`: listen on that port of the machine, and connect from here to that host and port. */
  ssh_remote_tunnels?: List<string> | undefined;
  /** Internal: public key as bytes. */
  ssh_public_key?: List<number> | undefined;
  /** Internal: private key as bytes. */
  ssh_private_key?: List<number> | undefined;
  /**
   * Fingerprints (`SHA256:…`, as `ssh-keygen -l` prints them) of the host keys to accept. Without them host keys
   * are not checked.
   */
  ssh_host_key_fingerprints?: List<string> | undefined;
  /** Jump host to connect through. */
  ssh_bastion_host?: Input<string> | undefined;
  /** Port of the jump host's SSH server. Default: `22`. */
  ssh_bastion_port?: Input<number> | undefined;
  /** User to log in as on the jump host. */
  ssh_bastion_username?: Input<string> | undefined;
  /** Password on the jump host. It also answers every keyboard-interactive question. */
  ssh_bastion_password?: Input<string> | undefined;
  /** Ask for the answers to the jump host's keyboard-interactive questions and for its password. Default: `false`. */
  ssh_bastion_interactive?: Input<boolean> | undefined;
  /** Private key for the jump host; `ssh_private_key_file` (with its certificate) unless given. */
  ssh_bastion_private_key_file?: Input<string> | undefined;
  /** Passphrase of an encrypted `ssh_bastion_private_key_file`. */
  ssh_bastion_private_key_passphrase?: Input<string> | undefined;
  /** User certificate for `ssh_bastion_private_key_file`. */
  ssh_bastion_certificate_file?: Input<string> | undefined;
  /** Log in to the jump host with the keys of the local SSH agent. Default: `false`. */
  ssh_bastion_agent_auth?: Input<boolean> | undefined;
  /** Fingerprints (`SHA256:…`) of the jump host's keys to accept. Without them they are not checked. */
  ssh_bastion_host_key_fingerprints?: List<string> | undefined;
  /** User to log in as through WinRM. */
  winrm_username?: Input<string> | undefined;
  /** Password of the WinRM user; builders may find it out. */
  winrm_password?: Input<string> | undefined;
  /** Host name or address of the machine for WinRM; usually found out by the builder. */
  winrm_host?: Input<string> | undefined;
  /** Go past any HTTP proxy when talking to the machine. Default: `false`. */
  winrm_no_proxy?: Input<boolean> | undefined;
  /** Port of WinRM: 5985, or 5986 with `winrm_use_ssl`, unless given. */
  winrm_port?: Input<number> | undefined;
  /** How long to wait for WinRM, overall and for each operation. Default: `"30m"`. */
  winrm_timeout?: Input<string> | undefined;
  /** Talk to the machine by HTTPS. Default: `false`. */
  winrm_use_ssl?: Input<boolean> | undefined;
  /** Do not check the certificate of the machine. Default: `false`. */
  winrm_insecure?: Input<boolean> | undefined;
  /** Authenticate with NTLMv2 instead of basic authentication. Default: `false`. */
  winrm_use_ntlm?: Input<boolean> | undefined;
  /** Folder for the image; `output-NAME` of the build unless given. Must not exist yet. */
  output_directory?: Input<string> | undefined;
  /**
   * Rows of a switch and its value. A switch named here replaces all that the builder would have given it. Values
   * are templates: `HTTPIP`, `HTTPPort`, `HTTPDir`, `HTTPContent`, `OutputDir`, `Name`, `SSHHostPort`.
   */
  qemuargs?: List<readonly Input<string>[]> | undefined;
  /** Words put at the end of QEMU's command line, which replace nothing. Not in Packer. */
  qemuargs_append?: List<string> | undefined;
}

export interface QemuAdditionalIsoFiles {
  /**
   * Where the image is: a path, an http, https or file URL, or an object or file of S3, Google Cloud Storage, Git
   * or Mercurial. A packed one (`.xz`, `.gz`, `.zip` …) is unpacked. Required, unless `iso_urls` is given.
   */
  iso_url?: Input<string> | undefined;
  /** Several places of the same image, tried in order. In place of `iso_url`. */
  iso_urls?: List<string> | undefined;
  /**
   * What the image has to match: `sha256:HEX` (or md5, sha1, sha224, sha384, sha512), the digits alone,
   * `file:LOCATION` of a list of checksums, or `none`. Required.
   */
  iso_checksum?: Input<string> | undefined;
  /** Where to download to: a file when the path has an extension, else a folder. The cache folder unless given. */
  iso_target_path?: Input<string> | undefined;
  /** Extension of the downloaded file's name. Default: `"iso"`. */
  iso_target_extension?: Input<string> | undefined;
}

export interface QemuQemuImgArgs {
  /** Words for `qemu-img convert`. */
  convert?: List<string> | undefined;
  /** Words for `qemu-img create`. */
  create?: List<string> | undefined;
  /** Words for `qemu-img resize`. */
  resize?: List<string> | undefined;
}

/**
 * Options of the builder rootfs. Builds a root file system or container image, with no daemon and no virtual
 * machine.
 */
export interface RootfsConfig {
  /** What the root file system starts from. */
  base: Input<"scratch" | "host" | (string & {})> | RootfsBaseHostFiles | RootfsBaseHost | RootfsBaseArchive | RootfsBaseDebootstrap;
  /** Files to put in before provisioning, by their absolute path in the image. Nothing is executed for them. */
  files?: { readonly [key: string]: Input<string> | RootfsFilesSource | RootfsFilesContent | RootfsFilesSymlink | RootfsFilesDirectory } | undefined;
  /**
   * Take over who owns the files of a folder used as base; else everything in it belongs to root. Default:
   * `false`.
   */
  keep_ownership?: Input<boolean> | undefined;
  /** Environment of commands that provisioners run. */
  environment?: Dict<string> | undefined;
  /** What to write; several at once are fine. */
  output: readonly RootfsOutput[];
}

/** Programs of this machine with all they need to run. */
export interface RootfsBaseHostFiles {
  /**
   * Programs by name or path, files and folders of this machine; programs bring the libraries, loader and
   * interpreter they need.
   */
  host_files: List<string>;
}

/** The running system. */
export interface RootfsBaseHost {
  /** Whether outputs hold what changed, or the whole running system with its secrets. */
  host: Input<"changes" | "whole" | (string & {})>;
}

/** A root file system archive, checked. */
export interface RootfsBaseArchive {
  /** Path or http(s) URL of a root file system archive or OCI archive. */
  archive: Input<string>;
  /** Checksum of the archive, such as "sha256:…"; required for a URL, where "none" turns the check off. */
  checksum?: Input<string> | undefined;
}

/** A fresh Debian or Ubuntu, made by mmdebstrap or debootstrap, whichever is installed. */
export interface RootfsBaseDebootstrap {
  debootstrap: RootfsBaseDebootstrapDebootstrap;
}

export interface RootfsBaseDebootstrapDebootstrap {
  /** Debian or Ubuntu release, such as "bookworm". */
  suite: Input<string>;
  /** URL of the package mirror; the program's own default unless given. */
  mirror?: Input<string> | undefined;
  /** Packages to install beside the minimal set. */
  include?: List<string> | undefined;
  /** Archive components, such as "main"; the program's own default unless given. */
  components?: List<string> | undefined;
  /** Set of packages to start from. Default: `"minbase"`. */
  variant?: Input<string> | undefined;
}

/** A file or folder with owner or permissions of its own. */
export interface RootfsFilesSource {
  /** Path of a file or folder on this machine. */
  source: Input<string>;
  /** Permissions, as text in octal: "0755". */
  mode?: Input<string | number> | undefined;
  /** Numeric owner and group, such as "1000:1000"; root unless given. */
  owner?: Input<string> | undefined;
}

/** A file made from text. */
export interface RootfsFilesContent {
  /** The file's text. */
  content: Input<string>;
  /** Permissions, as text in octal: "0755". */
  mode?: Input<string | number> | undefined;
  /** Numeric owner and group, such as "1000:1000"; root unless given. */
  owner?: Input<string> | undefined;
}

/** A symbolic link. */
export interface RootfsFilesSymlink {
  /** What the link points to, as seen in the image. */
  symlink: Input<string>;
}

/** An empty folder. */
export interface RootfsFilesDirectory {
  /** Always true. */
  directory: Input<boolean>;
  /** Permissions, as text in octal: "0755". */
  mode?: Input<string | number> | undefined;
  /** Numeric owner and group, such as "1000:1000"; root unless given. */
  owner?: Input<string> | undefined;
}

export interface RootfsOutput {
  /** What to write. */
  format: Input<"oci-archive" | "tar" | "tar.gz" | "tar.zst" | "ext4" | "directory" | (string & {})>;
  /** Where to write it. */
  path: Input<string>;
  /**
   * Write only what differs from the base, as an image layer with whiteouts; for oci-archive and tar formats.
   * Default: `false`.
   */
  layer_only?: Input<boolean> | undefined;
  /** 0 to 9 for gzip (and oci-archive), 1 to 19 for zstd; the format's default unless given. */
  compression_level?: Input<number> | undefined;
  /** oci-archive: the command that containers run. */
  entrypoint?: List<string> | undefined;
  /** oci-archive: default arguments of the entrypoint, or the command when there is none. */
  cmd?: List<string> | undefined;
  /** oci-archive: environment of the container; PATH has the usual value unless given. */
  env?: Dict<string> | undefined;
  /** oci-archive: labels of the image. */
  labels?: Dict<string> | undefined;
  /** oci-archive: annotations of the image's manifest. */
  annotations?: Dict<string> | undefined;
  /** oci-archive: working folder of the container. */
  workdir?: Input<string> | undefined;
  /** oci-archive: user, and optionally group, that the command runs as. */
  user?: Input<string> | undefined;
  /** oci-archive: ports the container listens on, such as "8080" or "53/udp". */
  exposed_ports?: List<string> | undefined;
  /** oci-archive: folders that hold data of the container's own. */
  volumes?: List<string> | undefined;
  /** oci-archive: signal that stops the container. */
  stop_signal?: Input<string> | undefined;
  /** oci-archive: names of the image, such as "web:1.0". */
  tags?: List<string> | undefined;
  /** oci-archive: architecture in Go's words; this machine's unless given. */
  architecture?: Input<string> | undefined;
  /** ext4: size of the image, such as "512M" or "2G"; chosen to fit unless given. */
  size?: Input<string> | undefined;
  /** ext4: volume label, at most 16 characters. */
  label?: Input<string> | undefined;
}

declare module "tspack" {
  interface Builders {
    file: FileConfig;
    null: NullConfig;
    qemu: QemuConfig;
    rootfs: RootfsConfig;
  }
}
