import type { Command } from '../command.ts'

const log = {
  type: 'text',
  value: 'DIR',
  about: 'The folder of a log of its own; the log of this workspace unless given',
} as const

const vkey = {
  type: 'list',
  value: 'VKEY',
  about: 'Believe this key: for a log in --log that is not yours',
} as const

const origin = {
  type: 'text',
  value: 'ORIGIN',
  about: 'The log, where it is yours and the folder in --log can not tell',
} as const

const passphraseFile = {
  type: 'text',
  value: 'FILE',
  about: 'Read the passphrase of the keyring from the first line of this file',
} as const

const noPassphrase = {
  type: 'flag',
  about: 'Keep the new secret key unencrypted (mode 0600)',
} as const

/** The arguments of `vm log init`. */
export const logInitArguments = {
  dir: {
    type: 'text',
    positional: true,
    required: true,
    value: 'DIR',
    about: 'The folder to make for the published files',
  },
  origin: {
    type: 'text',
    value: 'ORIGIN',
    required: true,
    about: 'The identity of the log: a URL without a scheme that you own, never used before',
  },
  witnesses: {
    type: 'text',
    value: 'FILE',
    about: 'A C2SP tlog-policy: publish only what its quorum of witnesses has cosigned',
  },
  'no-passphrase': noPassphrase,
  'passphrase-file': passphraseFile,
} as const

/** `vm log init` */
export const logInit: Command<typeof logInitArguments> = {
  path: ['log', 'init'],
  group: 'Look after',
  summary: 'Make a log of its own, for entries of any kind',
  description: [
    'A workspace has a log already, which vm init made. This one is apart from it: its entries are any bytes. Its key is in your keyring; what it signed last is kept outside of the folder.',
  ],
  examples: ['vm log init audit --origin example.com/audit'],
  arguments: logInitArguments,
  status: 'experimental',
  load: () => import('../handlers/log-init.ts'),
}

/** The arguments of `vm log append`. */
export const logAppendArguments = {
  file: {
    type: 'text',
    positional: true,
    required: true,
    value: 'FILE',
    about: 'The entry, or - for standard input',
  },
  log: { ...log, required: true, about: 'The folder of the log' },
  lines: { type: 'flag', about: 'Each line is an entry, without its line end' },
  'passphrase-file': passphraseFile,
} as const

/** `vm log append` */
export const logAppend: Command<typeof logAppendArguments> = {
  path: ['log', 'append'],
  group: 'Look after',
  summary: 'Add entries to a log of its own',
  description: [
    'Done once the entries are on the disk and published, cosigned where the log has witnesses. The log of a workspace holds records only: use vm memory record.',
  ],
  examples: ['vm log append event.json --log audit', 'vm log append - --lines --log audit'],
  arguments: logAppendArguments,
  status: 'experimental',
  load: () => import('../handlers/log-append.ts'),
}

/** The arguments of `vm log head`. */
export const logHeadArguments = { log, vkey } as const

/** `vm log head` */
export const logHead: Command<typeof logHeadArguments> = {
  path: ['log', 'head'],
  group: 'Look after',
  summary: 'Show how far a log is, and who signed that',
  examples: ['vm log head', 'vm log head --log audit --json'],
  arguments: logHeadArguments,
  status: 'experimental',
  load: () => import('../handlers/log-head.ts'),
}

/** The arguments of `vm log fsck`. */
export const logFsckArguments = { log, vkey } as const

/** `vm log fsck` */
export const logFsck: Command<typeof logFsckArguments> = {
  path: ['log', 'fsck'],
  group: 'Look after',
  summary: 'Check every file of a log against its checkpoint',
  description: [
    'Recomputes every hash and names the files that are wrong or missing. Reads only. Ends with 3 when there are any.',
  ],
  examples: ['vm log fsck', 'vm log fsck --log mirror --vkey "$VKEY"'],
  arguments: logFsckArguments,
  status: 'experimental',
  load: () => import('../handlers/log-fsck.ts'),
}

/** The arguments of `vm log repair`. */
export const logRepairArguments = {
  from: {
    type: 'list',
    value: 'DIR|URL',
    about: 'A copy of the log, which need not be trusted; may be repeated',
  },
  log,
  vkey,
  origin,
} as const

/** `vm log repair` */
export const logRepair: Command<typeof logRepairArguments> = {
  path: ['log', 'repair'],
  group: 'Look after',
  summary: 'Mend the files of a log, from the last entries or a mirror',
  description: [
    'Tiles of hashes are made anew from what is below them; entries come from what the writer still has staged, or from a copy. Whatever is written was verified against the signed checkpoint, and no file that is right is touched. Ends with 3 when something is found nowhere.',
  ],
  examples: ['vm log repair', 'vm log repair --from https://mirror.example/payments/'],
  arguments: logRepairArguments,
  status: 'experimental',
  load: () => import('../handlers/log-repair.ts'),
}

/** The arguments of `vm log gc`. */
export const logGcArguments = { log } as const

/** `vm log gc` */
export const logGc: Command<typeof logGcArguments> = {
  path: ['log', 'gc'],
  group: 'Look after',
  summary: 'Delete partial tiles whose full ones are there',
  examples: ['vm log gc'],
  arguments: logGcArguments,
  status: 'experimental',
  load: () => import('../handlers/log-gc.ts'),
}

/** The arguments of `vm log export`. */
export const logExportArguments = {
  output: {
    type: 'text',
    value: 'FILE',
    required: true,
    about: 'Where the file goes; one that is there is replaced',
  },
  log,
  vkey,
} as const

/** `vm log export` */
export const logExport: Command<typeof logExportArguments> = {
  path: ['log', 'export'],
  group: 'Look after',
  summary: 'Write a whole log as one file, verified on the way out',
  description: [
    'The file is a tar archive of the published tree. It holds no secret, and not what the writer signed last.',
  ],
  examples: ['vm log export --output payments.tlog.tar'],
  arguments: logExportArguments,
  status: 'experimental',
  load: () => import('../handlers/log-export.ts'),
}

/** The arguments of `vm log import`. */
export const logImportArguments = {
  file: {
    type: 'text',
    positional: true,
    required: true,
    value: 'FILE',
    about: 'What vm log export wrote',
  },
  log: { ...log, about: 'The folder to make; the place of the log of this workspace unless given' },
  vkey,
  origin,
} as const

/** `vm log import` */
export const logImport: Command<typeof logImportArguments> = {
  path: ['log', 'import'],
  group: 'Look after',
  summary: 'Make a log out of an exported file, verified on the way in',
  description: [
    'The folder is there whole, or not at all. What is imported can be read; to write to it again, vm log recover asks what its last size was.',
  ],
  examples: ['vm log import payments.tlog.tar', 'vm log import a.tlog.tar --log a --vkey "$VKEY"'],
  arguments: logImportArguments,
  status: 'experimental',
  load: () => import('../handlers/log-import.ts'),
}

/** The arguments of `vm log serve`. */
export const logServeArguments = {
  port: { type: 'count', value: 'PORT', about: 'The port; 6962 unless given, 0 for any free one' },
  host: {
    type: 'text',
    value: 'ADDRESS',
    about: 'A loopback address; 127.0.0.1 unless given',
  },
  log,
  vkey,
} as const

/** `vm log serve` */
export const logServe: Command<typeof logServeArguments> = {
  path: ['log', 'serve'],
  group: 'Look after',
  summary: 'Serve the published files of a log, until Ctrl-C',
  description: [
    'Read-only, by the paths of C2SP tlog-tiles. There is no authentication, so only this machine is served; any web server can host the folder for others.',
  ],
  examples: ['vm log serve', 'vm log serve --port 0'],
  arguments: logServeArguments,
  status: 'experimental',
  load: () => import('../handlers/log-serve.ts'),
}

/** The arguments of `vm log rotate`. */
export const logRotateArguments = {
  finish: { type: 'flag', about: 'Let the key before sign no more' },
  log,
  'no-passphrase': noPassphrase,
  'passphrase-file': passphraseFile,
} as const

/** `vm log rotate` */
export const logRotate: Command<typeof logRotateArguments> = {
  path: ['log', 'rotate'],
  group: 'Look after',
  summary: 'Replace the key of a log, in two steps',
  description: [
    'The first call makes a new key; from then on both keys sign, so that everyone has time to learn of the new one. The second, with --finish, lets the old one sign no more. The old one stays in the trust policy, for the proofs that it signed: take it out by hand if it was stolen.',
  ],
  examples: ['vm log rotate', 'vm log rotate --finish'],
  arguments: logRotateArguments,
  status: 'experimental',
  load: () => import('../handlers/log-rotate.ts'),
}

/** The arguments of `vm log recover`. */
export const logRecoverArguments = {
  'expected-size': {
    type: 'count',
    value: 'N',
    required: true,
    about: 'How many records the log had when you last saw it',
  },
  log,
  'passphrase-file': passphraseFile,
} as const

/** `vm log recover` */
export const logRecover: Command<typeof logRecoverArguments> = {
  path: ['log', 'recover'],
  group: 'Look after',
  summary: 'Let a restored log be written again, once you confirm it',
  description: [
    'A clone or a restored folder does not know what was signed last, so vm refuses to write to it: signing on could show two people two different histories. If you know that this copy is the latest and that no other copy is written to, say how many records it must have. The whole tree is verified before anything is signed.',
  ],
  examples: ['vm log recover --expected-size 42'],
  arguments: logRecoverArguments,
  status: 'experimental',
  load: () => import('../handlers/log-recover.ts'),
}
