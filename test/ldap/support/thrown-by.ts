/** What `action` throws, so that its fields can be looked at. @returns undefined when it doesn't throw */
export function thrownBy(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}
