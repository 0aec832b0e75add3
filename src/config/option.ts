// What one option declares about itself. Everything that knows options (the command line, redis.conf, CONFIG GET, SET and
// REWRITE, --help, README's table, start-up warnings) derives from these objects; options.ts puts the themes together.

import type { Kind } from './kind.js';

/** Sections of --help and of README's table, in their order there. */
export const OPTION_GROUPS = [
  'Threads',
  'Network',
  'Security',
  'Clients and limits',
  'Memory',
  'General',
  'Logging',
  'Monitoring',
  'Data structures',
  'Persistence',
  'Replication',
  'Cluster',
  'TLS',
  'Debugging',
] as const;

export type OptionGroup = (typeof OPTION_GROUPS)[number];

export interface Option {
  /** Lower case, as CONFIG GET spells it. */
  readonly name: string;
  /** Older names that mean the same; CONFIG GET lists them too. */
  readonly aliases?: readonly string[];
  readonly kind: Kind;
  /** In CONFIG GET's spelling. */
  readonly default: string;
  readonly group: OptionGroup;
  /** One line in lower case without a full stop. */
  readonly help: string;
  /** `accepted`: Redis has it, Anax takes and reports it, and nothing looks at it (yet). */
  readonly effect: 'used' | 'accepted';
  /** CONFIG SET refuses it. */
  readonly immutable?: true;
  /** A running server takes no other value: CONFIG SET accepts the one in force and refuses the rest. */
  readonly atStartOnly?: true;
  /** CONFIG SET refuses it unless enable-protected-configs allows it. */
  readonly protected?: true;
  /** CONFIG GET shows it only by its full name. */
  readonly hidden?: true;
  /** The value is a secret: it is kept out of messages. */
  readonly secret?: true;
  /** First Redis version with this option when that is after 7.0; `anax` for our own. */
  readonly since?: '7.2' | '7.4' | 'anax';
  /** Replaces "is accepted but has no effect yet" in the start-up warning of an accepted option. */
  readonly warning?: string;
  /**
   * Why Anax cannot honour this value: it would break a promise (replication, encryption, access rules) without anybody
   * noticing, so neither the file nor CONFIG SET may set it. undefined: fine.
   */
  readonly refuse?: (text: string) => string | undefined;
}

/** Makes the options of one group: accepted ones, unless `more` says otherwise. */
export function inGroup(group: OptionGroup) {
  return (name: string, kind: Kind, defaultText: string, help: string, more: Partial<Option> = {}): Option => ({
    name,
    kind,
    default: defaultText,
    group,
    help,
    effect: 'accepted',
    ...more,
  });
}
