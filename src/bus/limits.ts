/** The largest message, as nats-server has it by default. */
export const MAX_MESSAGE_BYTES: number = 1024 * 1024;

/** The largest answer to a request; above MAX_CHUNK_BYTES it travels in chunks. */
export const MAX_ANSWER_BYTES: number = 256 * 1024 * 1024;

export const MAX_CHUNK_BYTES: number = 512 * 1024;

/** How long an append waits for its acknowledgement. */
export const APPEND_TIMEOUT_MS = 5_000;
