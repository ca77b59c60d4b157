// Evaluated at the start of every document, in both of its worlds. `installMainWorld` runs in the page's own world,
// `installPreload` in the isolated one. The two share the DOM and nothing else: calls cross as synchronous custom
// events whose `detail` Chromium clones from one world to the other.

/** Both ends of what `contextBridge` does: values cross by copy, functions and promises by number. */
function createCrossing(own, other) {
  const functions = new Map();
  const ids = new WeakMap();
  let next = 1;
  const settle = new Map();

  function lower(value) {
    if (typeof value === 'function') {
      if (!ids.has(value)) {
        ids.set(value, next);
        functions.set(next++, value);
      }
      return { $function: ids.get(value) };
    }
    if (value instanceof Promise) {
      const id = next++;
      value.then(
        (result) => tell({ settled: id, value: lower(result) }),
        (error) => tell({ settled: id, error: String(error?.message ?? error) }),
      );
      return { $promise: id };
    }
    if (Array.isArray(value)) return value.map(lower);
    if (value !== null && typeof value === 'object' && !ArrayBuffer.isView(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, lower(inner)]));
    }
    return value;
  }

  function raise(value) {
    if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value;
    if (value.$function) return (...args) => call(value.$function, args);
    if (value.$promise) return new Promise((resolve, reject) => settle.set(value.$promise, { resolve, reject }));
    if (Array.isArray(value)) return value.map(raise);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, raise(inner)]));
  }

  let answer;
  function tell(detail) {
    answer = undefined;
    document.dispatchEvent(new CustomEvent(other, { detail }));
    return answer;
  }

  function call(id, args) {
    const reply = tell({ call: id, args: lower(args) });
    if (reply?.error !== undefined) throw new Error(reply.error);
    return raise(reply?.value);
  }

  function receive({ detail }) {
    if (detail.reply) {
      answer = detail.reply;
    } else if (detail.settled) {
      const { resolve, reject } = settle.get(detail.settled);
      settle.delete(detail.settled);
      if (detail.error === undefined) resolve(raise(detail.value));
      else reject(new Error(detail.error));
    } else if (detail.call) {
      let reply;
      try {
        reply = { value: lower(functions.get(detail.call)(...raise(detail.args))) };
      } catch (error) {
        reply = { error: String(error?.message ?? error) };
      }
      document.dispatchEvent(new CustomEvent(other, { detail: { reply } }));
    } else {
      onOther?.(detail);
    }
  }
  let onOther;
  document.addEventListener(own, receive);
  return {
    lower,
    raise,
    tell,
    onOther: (listener) => {
      onOther = listener;
    },
  };
}

// biome-ignore lint/correctness/noUnusedVariables: called by what webContents.mjs puts after this text
function installMainWorld() {
  const crossing = createCrossing('stand-in-to-main', 'stand-in-to-preload');
  crossing.onOther(({ expose, api }) => {
    if (Object.hasOwn(window, expose)) return;
    const value = crossing.raise(api);
    Object.freeze(value);
    Object.defineProperty(window, expose, { value, enumerable: true, configurable: false, writable: false });
  });
  crossing.tell({ ready: true });
  window.open = (url) => {
    crossing.tell({ open: new URL(url ?? 'about:blank', location.href).href });
    return null;
  };
}

// biome-ignore lint/correctness/noUnusedVariables: as above
function installPreload(preload, sendToMain) {
  const crossing = createCrossing('stand-in-to-preload', 'stand-in-to-main');
  const exposures = [];
  crossing.onOther(({ ready, open }) => {
    if (ready) for (const exposure of exposures) crossing.tell(exposure);
    if (open) sendToMain({ open });
  });
  document.addEventListener(
    'click',
    (event) => {
      const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement && node.target === '_blank');
      if (!link) return;
      event.preventDefault();
      sendToMain({ open: link.href });
    },
    true,
  );

  const listeners = new Map();
  const invocations = new Map();
  let nextInvocation = 1;
  const ipcRenderer = {
    send: (channel, ...args) => sendToMain({ send: channel, args }),
    invoke: (channel, ...args) =>
      new Promise((resolve, reject) => {
        const id = nextInvocation++;
        invocations.set(id, { resolve, reject });
        sendToMain({ invoke: channel, id, args });
      }),
    on(channel, listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
    off(channel, listener) {
      listeners.set(
        channel,
        (listeners.get(channel) ?? []).filter((each) => each !== listener),
      );
      return ipcRenderer;
    },
  };
  const contextBridge = {
    exposeInMainWorld(key, api) {
      const exposure = { expose: key, api: crossing.lower(api) };
      exposures.push(exposure);
      crossing.tell(exposure);
    },
  };
  const modules = { electron: { contextBridge, ipcRenderer } };
  const require = (name) => {
    if (!Object.hasOwn(modules, name)) throw new Error(`module not found: ${name}`);
    return modules[name];
  };
  const module = { exports: {} };
  preload(require, module, module.exports);

  return ({ channel, args, settled, value, error }) => {
    if (channel) {
      for (const listener of listeners.get(channel) ?? []) listener({}, ...args);
      return;
    }
    const { resolve, reject } = invocations.get(settled);
    invocations.delete(settled);
    if (error === undefined) resolve(value);
    else reject(new Error(`Error invoking remote method: ${error}`));
  };
}

/** The page's side of payload.mjs. */
// biome-ignore lint/correctness/noUnusedVariables: as above
const text = {
  pack: (value) =>
    JSON.stringify(value, (_key, inner) => {
      if (ArrayBuffer.isView(inner)) {
        const bytes = new Uint8Array(inner.buffer, inner.byteOffset, inner.byteLength);
        let binary = '';
        for (let i = 0; i < bytes.length; i += 8_192) binary += String.fromCharCode(...bytes.subarray(i, i + 8_192));
        return { $typed: inner.constructor.name, base64: btoa(binary) };
      }
      return typeof inner === 'number' && !Number.isFinite(inner) ? { $number: String(inner) } : inner;
    }),
  unpack: (packed) =>
    JSON.parse(packed, (_key, inner) => {
      if (inner?.$typed) {
        const bytes = Uint8Array.from(atob(inner.base64), (character) => character.charCodeAt(0));
        return new globalThis[inner.$typed](bytes.buffer);
      }
      return inner?.$number ? Number(inner.$number) : inner;
    }),
};
