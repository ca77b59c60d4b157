import { Component, type ErrorInfo, type ReactNode } from 'react';

interface Props {
  /** Shown in place of what failed; `retry` draws it anew. */
  fallback(retry: () => void): ReactNode;
  children: ReactNode;
}

/** Keeps a bug in one pane from taking the others with it. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    return this.state.failed ? this.props.fallback(() => this.setState({ failed: false })) : this.props.children;
  }
}
