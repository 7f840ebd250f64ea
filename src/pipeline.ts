// The whole way of an event, on one page:
//
//   decode → join → panes → windows → monitors → incidents → retraining → outbox → one commit
//
// Everything here is synchronous and in order of arrival. What a batch is and when a commit falls changes nothing: a window is
// evaluated at the very record that moves the watermark past its end. Time comes in as an argument.

import { enqueue } from './delivery/enqueue.ts'
import type { Decoder } from './events/decode.ts'
import type { EventSink, LabelEvent, PredictionEvent, Rejection } from './events/event.ts'
import type { PolicyState } from './incidents/advance.ts'
import { advance, emptyPolicy } from './incidents/advance.ts'
import type { PredictionEntry } from './join/entry.ts'
import type { Join } from './join/join.ts'
import { createJoin } from './join/join.ts'
import type { Subject } from './monitors/subject.ts'
import type { MonitorKind } from './monitors/verdict.ts'
import type { Evaluation } from './monitors/watched-stream.ts'
import { WatchedStream } from './monitors/watched-stream.ts'
import type { WindowResult } from './monitors/window-result.ts'
import type { Reading } from './reference/reading.ts'
import { requestRetraining } from './retraining/request.ts'
import type { Batch, Partition, SourceRecord } from './sources/source.ts'
import type { Store } from './store/store.ts'
import type { Instant } from './time.ts'
