INSERT INTO public.modelosemails (idmodeloemail,titulo,texto,situacao,identificador) VALUES
	 (101,'Registro','<p>Prezado(a) ${NOMECONTATO},</p><p>A solicitação ${IDSOLICITACAOSERVICO} foi registrada.</p>','A','registro'),
	 (102,'Prazo',E'<p>Linha um\nlinha dois</p>','I','prazo');
