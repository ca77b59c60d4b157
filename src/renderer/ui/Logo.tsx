/** Three contour lines and the path that runs down them. */
export function Logo() {
  return (
    <svg className="logo" viewBox="0 0 24 24" aria-hidden="true">
      <path className="contour" d="M2.5 13.5C2.5 7 7 3 13 3s8.5 4 8.5 8.8S17.5 21 11.5 21 2.5 18.5 2.5 13.50Z" />
      <path className="contour" d="M6 13.50C6 9.2 9 6.5 13 6.50s5.3 2.5 5.3 5.5-2.8 6-6.6 6S6 16.6 6 13.50Z" />
      <path className="descent" d="M20.5 4.5 15.5 9l1 2.5-4 1.2-.6 1.6" />
      <circle className="end" cx="11.7" cy="14.6" r="1.7" />
    </svg>
  );
}
