// What QEMU's words mean for the user's options, when it does not start.

/** What to do, and the option that it is about. */
export interface StartAdvice {
  readonly hint: string;
  readonly option?: string;
}

/** What can be done about the words that QEMU ended with instead of starting. */
export function startAdvice(words: string): StartAdvice {
  const found = known.find(({ pattern }) => pattern.test(words));
  if (found === undefined) return { hint: "the words are QEMU's own; PACKER_LOG=1 shows the whole command line" };
  const { hint, option } = found;
  return { hint, option };
}

// --- internal ---

interface Known extends Required<StartAdvice> {
  readonly pattern: RegExp;
}

/** The first that fits counts. */
const known: readonly Known[] = [
  {
    // Without the window's module, without a display, and built without windows at all.
    pattern: /Display '\w+' is not available|gtk initialization failed|Could not initialize SDL|does not accept value '(gtk|sdl|cocoa)'/i,
    option: "headless",
    hint: "this host cannot open a window: set headless to true, and a VNC viewer shows the screen",
  },
  {
    pattern: /KVM kernel module|failed to initialize \w+|invalid accelerator|no accelerator found/i,
    option: "accelerator",
    hint: "leave out accelerator, and one that works is chosen; for KVM your user has to be allowed to open /dev/kvm (the group kvm)",
  },
  { pattern: /unsupported machine type/i, option: "machine_type", hint: "check machine_type: QEMU lists what it knows with -machine help" },
  {
    pattern: /unable to find CPU model|invalid CPU model/i,
    option: "cpu_model",
    hint: "check cpu_model: QEMU lists what it knows with -cpu help",
  },
  {
    pattern: /netdev=\S+: .*is not a valid device model/i,
    option: "net_device",
    hint: "check net_device: QEMU lists what it knows with -device help",
  },
  {
    pattern: /machine type does not support if=|unsupported bus type/i,
    option: "disk_interface",
    hint: "this machine type has no such interface: choose another disk_interface, such as virtio, or another cdrom_interface",
  },
  {
    pattern: /tpm-emulator: .*CMD_INIT/i,
    option: "tpm_state_directory",
    hint: "the TPM does not start, and the log says why (swtpm: …): what is in tpm_state_directory may be damaged, or of a newer swtpm",
  },
  {
    pattern: /cannot set up guest memory|Cannot allocate memory/i,
    option: "memory",
    hint: "this host has too little memory left: choose a lower memory, or fewer builds at a time with -parallel-builds",
  },
];
