import { msg } from '@lit/localize';
import { SHARE_OUTCOMES, SHARED_PARAMETER, type ShareOutcome } from '../core/offline.ts';
import type { GivenFile } from '../platform/given-files.ts';
import { listenForLaunches, takeInbox } from '../platform/launch.ts';
import type { App } from './app.ts';
import { PRESET_PARAMETER, presetOf } from './launch-presets.ts';
import type { Problem } from './picture.ts';

/** Takes files into the queue, and shows what went wrong with them. */
export type TakeFiles = (files: Promise<readonly GivenFile[]>) => Promise<void>;

function shareProblem(outcome: ShareOutcome): Problem | null {
  switch (outcome) {
    case 'files':
      return null;
    case 'none':
      return {
        message: msg('There was no picture in what was shared.'),
        remedy: msg('Share the picture itself, not a link to it.'),
      };
    case 'full':
      return {
        message: msg('There was no room on the disk for the shared pictures.'),
        remedy: msg('Free some disk space, or open the pictures from here.'),
      };
    default:
      return outcome satisfies never;
  }
}

async function follow(app: App, query: URLSearchParams, take: TakeFiles): Promise<void> {
  const preset = presetOf(query);
  if (preset !== null) app.settings.change(preset);
  const outcome = SHARE_OUTCOMES.find((known) => known === query.get(SHARED_PARAMETER));
  if (outcome === undefined) return;
  await take(takeInbox());
  const problem = shareProblem(outcome);
  if (problem !== null) app.problem.set(problem);
}

/** What was asked for is done once: a reload must not do it again. */
function clearAddress(): void {
  const address = new URL(location.href);
  for (const name of [PRESET_PARAMETER, SHARED_PARAMETER]) address.searchParams.delete(name);
  if (address.href !== location.href) history.replaceState(history.state, '', address);
}

/** Takes in what this window was opened with (a preset, shared files), and what the operating system opens with it from now on. */
export function startLaunches(app: App, take: TakeFiles): void {
  const query = new URLSearchParams(location.search);
  clearAddress();
  void follow(app, query, take);
  listenForLaunches((launch) => {
    void follow(app, launch.query, take).then(() => take(launch.files));
  });
}
