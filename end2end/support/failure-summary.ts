// Repeats the error of each failed test after the summary, without the attachments, so that the end of a log names it.
import type { FullConfig, Reporter, Suite } from '@playwright/test/reporter';
import { stripVTControlCharacters } from 'node:util';

const LINES = 12;

export default class FailureSummary implements Reporter {
  private suite?: Suite;

  onBegin(_config: FullConfig, suite: Suite): void {
    this.suite = suite;
  }

  onEnd(): void {
    for (const test of this.suite?.allTests() ?? []) {
      for (const error of test.results.flatMap((result) => (test.ok() ? [] : result.errors))) {
        const lines = stripVTControlCharacters(error.message ?? error.value ?? '').split('\n');
        const at = error.location ? `${error.location.file}:${error.location.line}` : '';
        console.log(`\n${test.title} (${at})\n${lines.slice(0, LINES).join('\n')}`);
      }
    }
  }
}
