// Focus goes into a layer when it opens and back to where it was when it closes.

const reachable =
  'button:not([disabled]), [href], input:not([disabled]), textarea:not([disabled]), select:not([disabled]), [tabindex]:not([tabindex="-1"])';

/** For `{@attach}`: keeps Tab inside the element and gives the focus back afterwards. */
export function holdFocus(element: HTMLElement): () => void {
  const before = document.activeElement;
  const first = element.querySelector<HTMLElement>("[data-autofocus]") ?? element.querySelector<HTMLElement>(reachable) ?? element;
  first.focus();
  const stay = (event: KeyboardEvent) => {
    if (event.key !== "Tab") return;
    const all = [...element.querySelectorAll<HTMLElement>(reachable)];
    const last = all.at(-1);
    const start = all[0];
    if (!start || !last) return event.preventDefault();
    const leavesBackwards = event.shiftKey && (document.activeElement === start || document.activeElement === element);
    if (leavesBackwards) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      start.focus();
    }
  };
  element.addEventListener("keydown", stay);
  return () => {
    element.removeEventListener("keydown", stay);
    if (before instanceof HTMLElement && before.isConnected) before.focus();
  };
}
