import { createOnnxExecutor } from '../../src/main/engine/executors/onnx';
import { layerConformance } from './layerConformance';

layerConformance('onnx', () => createOnnxExecutor({ threads: 1 }));
