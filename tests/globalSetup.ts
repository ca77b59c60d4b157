import { buildKernels } from '../.ci/kernels.mjs';
import { offerSoftwareVulkan } from './softwareVulkan';

/** The WebAssembly kernels are a build product; tests need them as the app does. */
export default async function setup(): Promise<void> {
  offerSoftwareVulkan();
  await buildKernels();
}
