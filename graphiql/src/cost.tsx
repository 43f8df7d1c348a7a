import { useGraphiQL } from '@graphiql/react';
import { useMemo } from 'react';

interface CostOf {
  upstreamCalls: number;
  byAccount: { account: string; calls: number }[];
}

/** The cost of the displayed response: its calls to vendors. */
export function Cost() {
  const response = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.response);
  const text = useMemo(() => inWords(costIn(response)), [response]);
  return (
    <div className="cost" role="status">
      {text}
    </div>
  );
}

function costIn(response: string | null | undefined): CostOf | undefined {
  try {
    return JSON.parse(response ?? '').extensions?.cost;
  } catch {
    return undefined;
  }
}

function inWords(cost: CostOf | undefined): string {
  if (!cost) return '';
  if (cost.upstreamCalls === 0) return 'No upstream call';
  const accounts = cost.byAccount.map((one) => `${one.account} ${one.calls}`).join(', ');
  return `${cost.upstreamCalls} upstream ${cost.upstreamCalls === 1 ? 'call' : 'calls'}: ${accounts}`;
}
