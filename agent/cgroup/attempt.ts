/** True when it worked. The kernel's refusal, such as to remove a group that is still in use, is an answer here, not an error. */
export function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
