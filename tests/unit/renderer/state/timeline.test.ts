import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as timeline from '../../../../src/renderer/state/timeline';

const { playhead, useTimeline } = timeline;

let frames: FrameRequestCallback[] = [];
let now = 0;

/** Lets `seconds` pass in frames of a sixtieth. */
function pass(seconds: number): void {
  const end = now + seconds * 1_000;
  while (now < end) {
    now += 1_000 / 60;
    const due = frames;
    frames = [];
    for (const frame of due) frame(now);
  }
}

beforeEach(() => {
  frames = [];
  now = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame));
  vi.stubGlobal('cancelAnimationFrame', () => {
    frames = [];
  });
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  useTimeline.setState({ playing: false, following: false, loop: false, growing: false, rows: 0, readout: 0 });
  timeline.setPlaybackSpeed(1);
  timeline.setRows(901);
  timeline.seek(0);
});
afterEach(() => {
  timeline.pause();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('a seek stays within the rows and stops playback', () => {
  timeline.play();
  timeline.seek(5_000);
  expect(playhead.current).toBe(900);
  expect(useTimeline.getState().playing).toBe(false);
  timeline.stepBy(-10_000);
  expect(playhead.current).toBe(0);
});

test('playback takes about nine seconds whatever the number of rows, and ends at the last', () => {
  timeline.play();
  pass(4.5);
  expect(playhead.current).toBeGreaterThan(430);
  expect(playhead.current).toBeLessThan(470);
  pass(6);
  expect(playhead.current).toBe(900);
  expect(useTimeline.getState()).toMatchObject({ playing: false, readout: 900 });
});

test('twice the speed is twice as far', () => {
  timeline.setPlaybackSpeed(2);
  timeline.play();
  pass(2.25);
  expect(playhead.current).toBeGreaterThan(430);
});

test('a loop begins again; without one, Play at the end begins again', () => {
  useTimeline.setState({ loop: true });
  timeline.seek(890);
  timeline.play();
  pass(1);
  expect(playhead.current).toBeLessThan(200);
  expect(useTimeline.getState().playing).toBe(true);
  useTimeline.setState({ loop: false });
  timeline.jumpToEnd();
  timeline.play();
  expect(playhead.current).toBe(0);
});

test('while rows still come, playback waits at the newest; following sticks to it', () => {
  timeline.restart(false);
  timeline.setRows(20);
  timeline.play();
  pass(5);
  expect(playhead.current).toBe(19);
  expect(useTimeline.getState().playing).toBe(true);
  timeline.restart(true);
  timeline.setRows(300);
  expect(playhead.current).toBe(299);
  timeline.setRows(700);
  expect(playhead.current).toBe(699);
  timeline.seek(10);
  timeline.setRows(800);
  expect(playhead.current).toBe(10);
});

test('everyone who listens hears every move, React at most ten times a second', () => {
  let moves = 0;
  const undo = playhead.subscribe(() => moves++);
  const readouts = new Set<number>();
  const stop = useTimeline.subscribe(({ readout }) => readouts.add(readout));
  timeline.play();
  pass(1);
  undo();
  stop();
  expect(moves).toBeGreaterThanOrEqual(58);
  expect(readouts.size).toBeLessThanOrEqual(11);
  expect(readouts.size).toBeGreaterThan(5);
});
