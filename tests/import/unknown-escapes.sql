insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (1,'it\'s','<a href=\"x\">d\'água</a>\r\n','A','escapes');
insert into modelosemails (idmodeloemail,titulo,texto,situacao,identificador) values (2,'it''s','<a href="x">y</a>','A','doubled');
