/** What a command line asks for, once it is read: one closed union, told apart by `kind`. */

import type { SimCommand } from '../sim/options.js';
import type { Client, ClientOptions } from '../client/api.js';
import type { FrontendOptions, ReplicaOptions } from '../node/options.js';
import type { EventFormat } from '../observe/formatter.js';
import type { CommandName } from './forms.js';

export interface UpCommand {
  readonly kind: 'up';
  readonly frontends: number;
  readonly replicas: number;
  /** Null: draw one. */
  readonly user: string | null;
  readonly service: string;
  readonly importFrom: string | null;
  /** Where replicas keep their data: a folder, the default one, or nowhere. */
  readonly data: DataPlace;
  /** The user who may do what is for the administrator only. */
  readonly administrator: string;
  /** Settings of the service's lookups that were given, by name. */
  readonly settings: Readonly<Record<string, string>>;
  readonly withClient: boolean;
  readonly restart: boolean;
  readonly gossipLog: 'on' | 'off';
  /** Line mode prints objects instead of values. */
  readonly json: boolean;
}

export type DataPlace =
  | { readonly kind: 'default' }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'ephemeral' };

export interface ClientCommand {
  readonly kind: 'client';
  /** Null: draw one. */
  readonly user: string | null;
  readonly frontends: readonly string[];
  readonly json: boolean;
}

export interface OperationCommand {
  readonly kind: 'query' | 'update';
  readonly operation: string;
  /** The `key=value` words as they were given: only the service knows how to read them. */
  readonly words: readonly string[];
  readonly user: string;
  readonly frontends: readonly string[];
  readonly json: boolean;
  readonly options: Required<Pick<ClientOptions, 'consistency' | 'minCopies' | 'timeoutMs'>>;
}

export type SettableStatus = Parameters<Client['setStatus']>[1];

export interface StatusCommand {
  readonly kind: 'status';
  /** A status to set first, or null to look only. */
  readonly set: { readonly name: string; readonly value: SettableStatus } | null;
  readonly frontends: readonly string[];
  readonly json: boolean;
}

export interface RetireCommand {
  readonly kind: 'retire';
  readonly name: string;
  /** Also where something may be lost by it. */
  readonly force: boolean;
  readonly frontends: readonly string[];
  readonly json: boolean;
}

export interface RecoverCommand {
  readonly kind: 'recover';
  /** All members, each in one of the two; the first survivor goes on alone, the others join it anew. */
  readonly survivors: readonly string[];
  readonly lost: readonly string[];
  /** The plan of a recovery to be given up instead, or null. */
  readonly abort: string | null;
  readonly frontends: readonly string[];
  readonly json: boolean;
}

export interface LogCommand {
  readonly kind: 'log';
  readonly frontends: readonly string[];
  readonly format: EventFormat;
}

export interface ImportCommand {
  readonly kind: 'import';
  readonly folder: string;
  readonly data: string;
  readonly service: string;
}

export interface CheckCommand {
  readonly kind: 'check';
  readonly file: string;
  readonly json: boolean;
}

export type Command =
  | UpCommand
  | ClientCommand
  | OperationCommand
  | StatusCommand
  | RetireCommand
  | RecoverCommand
  | LogCommand
  | ImportCommand
  | SimCommand
  | CheckCommand
  | { readonly kind: 'replica'; readonly options: ReplicaOptions }
  | { readonly kind: 'frontend'; readonly options: FrontendOptions }
  /** Help on all commands, or on one. */
  | { readonly kind: 'help'; readonly command: CommandName | null }
  | { readonly kind: 'version' };
