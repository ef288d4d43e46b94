/**
 * Channel and server options, and why each has its value. Two kinds of channel: control calls are small and must notice a dead peer soon;
 * bulk channels carry tensors and files and are flow-controlled by a window sized for bandwidth × delay.
 */
import type { ChannelOptions } from '@grpc/grpc-js';

/** Flow-control window of what a client receives, bytes. 4 MiB keeps a 1 Gbit/s link busy up to 30 ms of round trip. */
export const FLOW_WINDOW_BYTES = 4 * 1024 * 1024;

/** Largest message either side accepts, bytes: a chunk of 1 MiB, with room. */
export const MESSAGE_BYTES_MAX = 8 * 1024 * 1024;

const shared: ChannelOptions = {
  // A retried stream would buffer all it ever sent.
  'grpc.enable_retries': 0,
  'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
  // The defaults (1 s growing to 120 s) are for the internet, not a LAN.
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 1000,
  // Without keepalive a frozen or unplugged peer is never noticed.
  'grpc.keepalive_time_ms': 500,
  'grpc.keepalive_timeout_ms': 1000,
  'grpc.keepalive_permit_without_calls': 1,
  // A proxy set for the web must not catch the traffic of the LAN.
  'grpc.enable_http_proxy': 0,
  // Each channel its own connection: bulk must not queue before control.
  'grpc.use_local_subchannel_pool': 1,
};

export const controlChannelOptions: ChannelOptions = shared;

export const bulkChannelOptions: ChannelOptions = { ...shared, 'grpc-node.flow_control_window': FLOW_WINDOW_BYTES };

/**
 * Files are in no hurry to notice a dead peer: their calls are watched over by a guard of their own, and the answer to a ping waits behind a window of
 * data, on a link of 30 Mbit/s for longer than a second.
 */
export const fileChannelOptions: ChannelOptions = { ...bulkChannelOptions, 'grpc.keepalive_timeout_ms': 10_000 };

/** The agent of a device whose cores are busy with a benchmark, perhaps with a tenth of one, answers late. */
export const benchChannelOptions: ChannelOptions = { ...shared, 'grpc.keepalive_timeout_ms': 30_000 };

export const serverOptions: ChannelOptions = {
  'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
  // Only so that connections of peers that vanished don't pile up: losses are found by the clients, leases and the supervisor. Patient,
  // because a device whose cores are busy may leave a ping unanswered for seconds.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc-node.max_session_memory': 64,
  'grpc-node.flow_control_window': FLOW_WINDOW_BYTES,
};

/** Deadlines of control calls, milliseconds. */
export const CALL_TIMEOUT_MS = 5_000;
/** Loading reads weights from disk, creates a session and warms it up on a slow device. */
export const LOAD_TIMEOUT_MS = 120_000;
