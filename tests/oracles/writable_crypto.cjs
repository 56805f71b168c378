// Go 1.19's support script assigns globalThis.crypto, which is read-only in node 20 and later.
Object.defineProperty(globalThis, "crypto", { value: globalThis.crypto, writable: true, configurable: true });
