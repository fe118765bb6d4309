/** A request, once it has been answered. */
export interface AnsweredRequest {
  /** Undefined where no tenant lives at its address. */
  readonly tenant: string | undefined;
  /** The method and pattern of the route that it took, such as `GET /Users/:id`; `other` where there is none. Never what a client chose. */
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  /** As far as it got known. */
  readonly credential: string | undefined;
  readonly ldapOperations: number;
  /** What it wrote, as `describeWrites` does; empty for nothing. To be asked at once; what it returns prints it at any time. */
  readonly describeWrites: (values: 'names' | 'all') => () => string;
}

/** What is told to whoever counts, at the moment when it happens. */
export interface RequestObserver {
  requestBegan(): void;
  requestEnded(request: AnsweredRequest): void;
  /** Somebody could not prove who it is. */
  signInFailed(tenant: string): void;
}

export const NO_REQUEST_OBSERVER: RequestObserver = {
  requestBegan: () => {},
  requestEnded: () => {},
  signInFailed: () => {},
};
