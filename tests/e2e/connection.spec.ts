import { expect, test } from './fixtures';
import { enginePids, root } from './host';

test.use({ ownHost: true });

test('an engine that dies is said, replaced, and asked again', async ({ app, host }) => {
  await expect(app.getByText(/Reached its|Converged/).first()).toBeVisible();
  const [pid = 0] = await enginePids(host.dataFolder);
  process.kill(pid, 'SIGKILL');
  await expect(app.getByText('The compute engine stopped unexpectedly and was started again.')).toBeVisible();
  await expect.poll(() => enginePids(host.dataFolder)).not.toEqual([pid]);
  await app.reload();
  await expect(app.getByText(/Reached its|Converged/).first()).toBeVisible();
});

test('a host that is gone is said while the page tries again', async ({ app, host, problems }) => {
  problems.allow(/WebSocket connection .* failed|ERR_CONNECTION_REFUSED/);
  await expect(app.getByText(/Reached its|Converged/).first()).toBeVisible();
  await expect(app.getByText('Connecting to the engine …')).toBeHidden();
  host.process.kill('SIGTERM');
  await expect(app.getByText('Connecting to the engine …')).toBeVisible();
  await expect.poll(() => enginePids(host.dataFolder)).toEqual([]);
});

test('the engine ends with its host, also when the host is killed', async ({ app, host, problems }) => {
  problems.allow(/WebSocket connection .* failed|ERR_CONNECTION_REFUSED/);
  await expect(app.getByText(/Reached its|Converged/).first()).toBeVisible();
  await expect(app.locator('canvas').first()).toBeVisible();
  await expect.poll(() => enginePids(host.dataFolder)).toHaveLength(1);
  host.process.kill('SIGKILL');
  await expect.poll(() => enginePids(host.dataFolder)).toEqual([]);
});

test('an engine that dies while it trains: the notice, the run as far as it came, and its landscape', async ({
  app,
  host,
}) => {
  test.slow();
  await app.getByRole('button', { name: 'Load', exact: true }).click();
  await app.getByRole('menuitem', { name: /Handwritten digits/ }).click();
  await app.getByLabel('Steps', { exact: true }).fill('400000');
  await app.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(app.getByText(/Training, step [1-9]/)).toBeVisible({ timeout: 20_000 });
  const [pid = 0] = await enginePids(host.dataFolder);
  process.kill(pid, 'SIGKILL');
  await expect(app.getByText('The compute engine stopped unexpectedly and was started again.')).toBeVisible();
  await expect(app.locator('.run-outcome')).toHaveText(/Interrupted at step [1-9]/);
  // The new engine opens what the old one wrote, and draws it.
  await expect(app.locator('.stage-caption')).toHaveAttribute('data-state', 'done', { timeout: 60_000 });
  await app.screenshot({ path: `${root}/tests/output/engine-died.png` });
  await app.getByRole('button', { name: 'Runs', exact: true }).click();
  await expect(app.getByRole('dialog').getByText(/Interrupted at step [1-9]/)).toBeVisible();
  await expect.poll(() => enginePids(host.dataFolder)).toHaveLength(1);
});
