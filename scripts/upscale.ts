/** `npm run upscale -- IN... --out OUT`: the app's engine from a terminal. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 Ctrl-C. */
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { CommanderError } from 'commander';
import { isAbort, toErrorRecord, type AppError } from '../src/core/errors.ts';
import { ensureBuilt } from './cli/app-build.ts';
import { parseArguments, type CliRequest } from './cli/arguments.ts';
import { absolute, Batch } from './cli/batch.ts';
import { expandInput, type InputFile } from './cli/inputs.ts';
import { listModels, modelLines } from './cli/model-flags.ts';
import { templateOf } from './cli/names.ts';
import { isTemplate } from '../src/core/names.ts';
import { ProgressView } from './cli/progress.ts';
import { errorText, failureReport, type FailureReport } from './cli/report.ts';
import { Session } from './cli/session.ts';

class UsageError extends Error {}

/** npm moves to the package's folder before it runs a script; paths are meant from where the person is. */
function callersFolder(): string {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
  return script === 'upscale' && folder !== undefined ? folder : process.cwd();
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function outputTemplate(request: CliRequest, files: readonly InputFile[], base: string): string {
  const out = absolute(request.out, base);
  const folder = /[/\\]$/.test(request.out) || isFolder(out);
  const several = request.inputs.length > 1 || files.some((file) => file.listed);
  if (several && !folder && !isTemplate(out)) {
    throw new UsageError(
      `error: with several inputs --out must be a folder or a template such as '{name}-{scale}x.{ext}'`,
    );
  }
  return templateOf(out, folder);
}

function absoluteHooks(hooks: CliRequest['hooks'], base: string): CliRequest['hooks'] {
  const path = (given: string | null): string | null => {
    if (given === null) return null;
    const found = absolute(given, base);
    if (!statSync(found, { throwIfNoEntry: false })?.isFile())
      throw new UsageError(`error: there is no hook module ${found}`);
    return found;
  };
  return { before: path(hooks.before), after: path(hooks.after) };
}

/** The files of all words; a word that names nothing usable becomes a failure in the report, and the others are still done. */
async function gatherInputs(words: readonly string[], base: string): Promise<[InputFile[], FailureReport[]]> {
  const files: InputFile[] = [];
  const failures: FailureReport[] = [];
  for (const word of words) {
    const path = absolute(word, base);
    try {
      const skip = (name: string, error: AppError): void => void failures.push(failureReport(name, error));
      for (const file of await expandInput(path, skip)) {
        if (!files.some((other) => other.path === file.path)) files.push(file);
      }
    } catch (error) {
      failures.push(failureReport(path, error));
    }
  }
  return [files, failures];
}

/** Runs one call; the exit code. */
async function main(words: readonly string[]): Promise<number> {
  if (words.includes('--list-models')) {
    console.log(words.includes('--json') ? JSON.stringify(listModels(), null, 2) : modelLines().join('\n'));
    return 0;
  }
  const request = parseArguments(words);
  const view = new ProgressView(process.stderr, { quiet: request.quiet });
  const base = callersFolder();
  const [files, failures] = await gatherInputs(request.inputs, base);
  const template = outputTemplate(request, files, base);
  const hooks = absoluteHooks(request.hooks, base);
  const model = request.ai?.model.kind === 'file' ? absolute(request.ai.model.path, base) : null;
  if (model !== null && !statSync(model, { throwIfNoEntry: false })?.isFile()) {
    throw new UsageError(`error: there is no model ${model}`);
  }
  for (const { error } of failures) view.say(errorText(error));

  const batch = new Batch({
    request,
    files,
    template,
    makeFolders: template !== absolute(request.out, base) || isTemplate(template),
    view,
    openSession: () =>
      Session.open({
        app: request.app === null ? ensureBuilt((line) => view.note(line)) : absolute(request.app, base),
        hooks,
        model,
        onConsole: request.verbose ? (line) => view.say(line) : null,
      }),
  });

  let caught: NodeJS.Signals | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (caught !== null) process.exit(128 + constants.signals[signal]);
    caught = signal;
    view.say('Cancelling …');
    void batch.cancel();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  process.once('exit', () => batch.abandon());

  try {
    const reports = [...failures, ...(await batch.run())];
    const single = request.inputs.length === 1 && !files.some((file) => file.listed);
    if (request.json) console.log(JSON.stringify(single ? reports[0] : { jobs: reports }, null, 2));
    return reports.some((report) => 'error' in report) ? 1 : 0;
  } catch (error) {
    if (caught !== null && isAbort(error)) return 128 + constants.signals[caught as NodeJS.Signals];
    throw error;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const usage = error instanceof UsageError;
    console.error(usage ? error.message : errorText(toErrorRecord(error)));
    process.exitCode = usage ? 2 : 1;
  }
}
