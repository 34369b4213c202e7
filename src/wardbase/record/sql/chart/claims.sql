-- Claims
-- What was claimed for one patient, and what was paid: one row per year and currency.
SELECT coalesce(b.year, p.year) AS year, coalesce(b.currency, p.currency) AS currency,
       b.claims, b.claimed, p.decided, p.paid
  FROM (SELECT extract(year FROM coalesce(started_at, created_at))::int AS year,
               total_currency AS currency, count(*) AS claims, sum(total) AS claimed
          FROM claim
         WHERE patient_id = %(patient)s AND status IS DISTINCT FROM 'entered-in-error'
         GROUP BY 1, 2) b
  FULL JOIN
       (SELECT extract(year FROM coalesce(started_at, created_at))::int AS year,
               payment_currency AS currency, count(*) AS decided, sum(payment) AS paid
          FROM explanation_of_benefit
         WHERE patient_id = %(patient)s AND status IS DISTINCT FROM 'entered-in-error'
         GROUP BY 1, 2) p ON b.year = p.year AND b.currency = p.currency
 ORDER BY 1 DESC, 2
