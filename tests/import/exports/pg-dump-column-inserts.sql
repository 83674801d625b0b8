--
-- PostgreSQL database dump
--
SET standard_conforming_strings = on;
INSERT INTO public.modelosemails (idmodeloemail, titulo, texto, situacao, identificador) VALUES (101, 'Registro', $texto$<p>Prezado(a) ${NOMECONTATO},</p><p>A solicitação ${IDSOLICITACAOSERVICO} foi registrada.</p>$texto$, 'A', 'registro') ON CONFLICT DO NOTHING;
INSERT INTO public.modelosemails (idmodeloemail, titulo, texto, situacao, identificador) VALUES (103, 'Aspas', '<p>Sua resposta: <b>"sim"</b> ou <b>d''accord</b>?</p>', 'A', 'aspas') ON CONFLICT DO NOTHING;
