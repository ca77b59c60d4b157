import { createOnnxExecutor } from '../../src/main/engine/executors/onnx';
import { conformance } from './conformance';

conformance('onnx', () => createOnnxExecutor({ threads: 1 }));
