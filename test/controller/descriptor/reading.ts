/** Descriptors in tests: read, or refused with these lines. */
import type { Descriptor, DescriptorFile } from '../../../controller/descriptor/descriptor.ts';
import { readDescriptor } from '../../../controller/descriptor/read-descriptor.ts';
import { MeshError } from '../../../mesh/error.ts';

export function read(text: string): DescriptorFile {
  return readDescriptor({ name: 'b.toml', text });
}

/** Of a text without a sweep. */
export function only(text: string): Descriptor {
  return read(text).combinations[0]!.descriptor;
}

/** Lines of the message; none when it was read. */
export function problemsOf(text: string, name = 'b.toml'): string[] {
  try {
    readDescriptor({ name, text });
  } catch (error) {
    if (error instanceof MeshError && error.code === 'usage') return error.message.split('\n');
    throw error;
  }
  return [];
}

/** The least that can be said, in five lines; what follows begins in line 6. */
export const model = '[info]\ndescription = "d"\n[ml]\nworkload = "lenet"\n\n';
export const program = '[info]\ndescription = "d"\n[ml]\nworkload = ["true"]\n\n';
