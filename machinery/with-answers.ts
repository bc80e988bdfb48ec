/**
 * Lets work that cannot wait, such as the evaluation of an expression, ask questions whose answers may take time: it is run
 * again once the answer is there, and finds it.
 *
 * The work must do nothing that counts before it has its last answer, and must let errors it does not know pass.
 */

/** Breaks the work off until an answer is known. */
class Unanswered extends Error {
  readonly answer: Promise<unknown>;
  readonly key: string;

  constructor(key: string, answer: Promise<unknown>) {
    super('the answer takes time');
    this.name = 'Unanswered';
    this.key = key;
    this.answer = answer;
  }
}

/** A question whose answer is there at once or takes time. Questions are told apart by their JSON. */
export type Ask<Q, A> = (question: Q) => A | Promise<A>;

/** What the work comes to: at once where all its answers are. */
export function withAnswers<Q, A, T>(
  ask: Ask<Q, A>,
  work: (answered: (question: Q) => A) => T,
): T | Promise<T> {
  try {
    return work((question) => {
      const answer = ask(question);
      if (answer instanceof Promise) throw new Unanswered(JSON.stringify(question), answer);
      return answer;
    });
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    return workAgain(ask, work, error);
  }
}

async function workAgain<Q, A, T>(
  ask: Ask<Q, A>,
  work: (answered: (question: Q) => A) => T,
  first: Unanswered,
): Promise<T> {
  const known = new Map<string, A>();
  for (let missing = first; ;) {
    known.set(missing.key, (await missing.answer) as A);
    try {
      return work((question) => {
        const key = JSON.stringify(question);
        const before = known.get(key);
        if (before !== undefined) return before;
        const answer = ask(question);
        if (answer instanceof Promise) throw new Unanswered(key, answer);
        known.set(key, answer);
        return answer;
      });
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      missing = error;
    }
  }
}
