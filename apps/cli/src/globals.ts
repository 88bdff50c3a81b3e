/** The options that every command takes. */
export const globalArguments = {
  cwd: { type: 'text', value: 'DIR', about: 'Work in this folder' },
  help: { type: 'flag', about: 'Show what a command takes; so does -h' },
  json: { type: 'flag', about: 'Print one JSON document on stdout' },
  'no-color': { type: 'flag', about: 'No colours; so do NO_COLOR and CLICOLOR=0' },
  'no-input': { type: 'flag', about: 'Never ask for anything' },
  quiet: { type: 'flag', about: 'Say nothing on stderr but errors' },
} as const
