import { contextBridge } from 'electron';
import { requestNames } from '../shared/contract';

contextBridge.exposeInMainWorld('lossAtlas', { host: 'electron', requestNames });
